import { rootOf } from '@pacspace/proofs/merkle'
import type { Db } from '@pacspace/service/postgres'
import { selectCustomersOfCut } from '../checkpoints/front-door.ts'
import type { StoredCut } from '../ledger/front-door.ts'
import { selectPartsAfter } from './checkpoints.sql.ts'
import { judgeFigures } from './judge-figures.ts'
import type { ProvedTree } from './proved-rows.ts'

/** Customers whose parts are held against the ledger at once: a few thousand rows. */
const CUSTOMERS_AT_ONCE = 200
/** Discrepancies that are told; the rest is more of the same. */
const TEXTS_MAX = 20

/** What the parts of a checkpoint of all customers come to. */
export interface JudgedParts {
  /** False while parts are missing at the end: they are being written. */
  readonly isWhole: boolean
  /** RFC 6962 root over the records, computed from the ledger's rows. */
  readonly root: Uint8Array
  readonly texts: readonly string[]
}

/**
 * Holds every part of a checkpoint of all customers against the ledger (`judgeFigures`), and the customers that have a part
 * against those that had begun at the cut. Some hundred customers at a time; with `Db` a pool, no transaction is held.
 * `tree`: see `readProvedRows`. Throws VerifiedDataDamaged.
 */
export async function judgeParts(
  db: Db,
  tenantNo: number,
  tree: ProvedTree | null,
  cut: StoredCut,
): Promise<JudgedParts> {
  const texts: string[] = []
  const leaves: { readonly customerId: string; readonly root: Uint8Array }[] = []
  let last = 0
  for (;;) {
    const parts = await selectPartsAfter(db, tenantNo, cut.nonce, last, CUSTOMERS_AT_ONCE)
    const expected = await selectCustomersOfCut(db, tenantNo, cut, last, Math.max(1, parts.length))
    if (parts.length === 0) {
      leaves.sort((a, b) => (a.customerId < b.customerId ? -1 : 1)) // ASCII: the order of bytes
      return { isWhole: expected.length === 0, root: rootOf(leaves.map(({ root }) => root)), texts }
    }
    const wrong = await judgeFigures(db, tenantNo, tree, cut, parts)
    for (const [index, part] of parts.entries()) {
      const name = `customer ${part.customer_no}`
      if (expected[index] !== part.customer_no && texts.length < TEXTS_MAX)
        texts.push(`${name}: expected customer ${expected[index] ?? 'none'} in its place`)
      for (const text of wrong.get(part.customer_no) ?? [])
        if (texts.length < TEXTS_MAX) texts.push(`${name}: ${text}`)
      leaves.push({ customerId: part.customer_id, root: part.proof_root })
    }
    last = parts.at(-1)?.customer_no ?? last
  }
}
