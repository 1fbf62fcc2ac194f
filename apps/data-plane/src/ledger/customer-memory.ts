import { LRUCache } from 'lru-cache'
import type { CustomerEnd } from './customer-end.ts'

/** Customers whose ends are kept in memory: about 1 kB each, so this bounds an api process to some 100 MB. */
const CUSTOMERS_MAX = 100_000

const TENANTS_MAX = 10_000

interface Remembered {
  readonly generation: number
  readonly end: CustomerEnd
}

/**
 * Ends of ledgers that this process wrote or read last. They are current exactly while the log still carries the mark
 * of our own last commit; when another process has appended since, or the database was restored, the mark differs and
 * all that we remember of the tenant is void.
 */
export class CustomerMemory {
  readonly #ends: LRUCache<string, Remembered>
  readonly #tenants: LRUCache<number, { mark: number; generation: number }>
  #lastGeneration = 0

  /** Default: room for 100,000 customers of 10,000 tenants, which is taken at once. */
  constructor(customersMax = CUSTOMERS_MAX, tenantsMax = TENANTS_MAX) {
    this.#ends = new LRUCache({ max: customersMax })
    this.#tenants = new LRUCache({ max: tenantsMax })
  }

  /** True when nothing was written to the log since `store` was told this mark. */
  isCurrent(tenantNo: number, mark: number): boolean {
    return this.#tenants.get(tenantNo)?.mark === mark
  }

  /** The ends that this process remembers of the named customers, current or not. */
  recallLast(tenantNo: number, customerIds: Iterable<string>): Map<string, CustomerEnd> {
    const mark = this.#tenants.get(tenantNo)?.mark
    return mark === undefined ? new Map() : this.recall(tenantNo, mark, customerIds)
  }

  /** The remembered ends among the named customers; empty unless the log carries our mark. */
  recall(tenantNo: number, mark: number, customerIds: Iterable<string>): Map<string, CustomerEnd> {
    const known = new Map<string, CustomerEnd>()
    const tenant = this.#tenants.get(tenantNo)
    if (tenant === undefined || tenant.mark !== mark) return known
    for (const customerId of customerIds) {
      const remembered = this.#ends.get(`${tenantNo}/${customerId}`)
      if (remembered?.generation === tenant.generation) known.set(customerId, remembered.end)
    }
    return known
  }

  /**
   * Remembers what a commit left. `markBefore`: the mark found under the lock; if it was not ours, older memories of
   * this tenant are void.
   */
  store(
    tenantNo: number,
    markBefore: number,
    markAfter: number,
    ends: ReadonlyMap<string, CustomerEnd>,
  ): void {
    const tenant = this.#tenants.get(tenantNo)
    const generation = tenant?.mark === markBefore ? tenant.generation : ++this.#lastGeneration
    this.#tenants.set(tenantNo, { mark: markAfter, generation })
    for (const [customerId, end] of ends) this.#ends.set(`${tenantNo}/${customerId}`, { generation, end })
  }

  /** Forgets a tenant, for example after a COMMIT whose outcome is not known. */
  forget(tenantNo: number): void {
    this.#tenants.delete(tenantNo)
  }
}
