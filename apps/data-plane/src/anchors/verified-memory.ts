import { LRUCache } from 'lru-cache'
import type { VerifiedEnd } from './recompute.ts'

const CUSTOMERS_MAX = 100_000
const TENANTS_MAX = 10_000

/** What a worker remembers of a log at the tree size it integrated last. */
interface TenantMemory {
  readonly size: number
  readonly root: Uint8Array
  readonly generation: number
}

/**
 * Ends of ledgers that this worker has recomputed itself. They count exactly while the tree stands where this worker
 * left it; when another worker has gone on, they are void and are read and proved anew.
 */
export class VerifiedMemory {
  readonly #ends: LRUCache<string, { generation: number; end: VerifiedEnd }>
  readonly #tenants: LRUCache<number, TenantMemory>
  #lastGeneration = 0

  /** Default: room for 100,000 customers of 10,000 tenants, which is taken at once. */
  constructor(customersMax = CUSTOMERS_MAX, tenantsMax = TENANTS_MAX) {
    this.#ends = new LRUCache({ max: customersMax })
    this.#tenants = new LRUCache({ max: tenantsMax })
  }

  /** The remembered end of a customer, if the tree is still the one it was remembered with. */
  recall(tenantNo: number, tree: { readonly size: number; readonly root: Uint8Array }, customerNo: number) {
    const tenant = this.#current(tenantNo, tree)
    if (tenant === undefined) return undefined
    const remembered = this.#ends.get(`${tenantNo}/${customerNo}`)
    return remembered?.generation === tenant.generation ? remembered.end : undefined
  }

  /** True when this worker itself made the tree as it stands. */
  isCurrent(tenantNo: number, tree: { readonly size: number; readonly root: Uint8Array }): boolean {
    return this.#current(tenantNo, tree) !== undefined
  }

  /** Remembers what a committed integration left. */
  store(
    tenantNo: number,
    before: { readonly size: number; readonly root: Uint8Array },
    after: { readonly size: number; readonly root: Uint8Array },
    ends: ReadonlyMap<number, VerifiedEnd>,
  ): void {
    const generation = this.#current(tenantNo, before)?.generation ?? ++this.#lastGeneration
    this.#tenants.set(tenantNo, { size: after.size, root: after.root, generation })
    for (const [customerNo, end] of ends) this.#ends.set(`${tenantNo}/${customerNo}`, { generation, end })
  }

  #current(
    tenantNo: number,
    tree: { readonly size: number; readonly root: Uint8Array },
  ): TenantMemory | undefined {
    const tenant = this.#tenants.get(tenantNo)
    const isIt = tenant?.size === tree.size && Buffer.from(tenant.root).equals(tree.root)
    return isIt ? tenant : undefined
  }
}
