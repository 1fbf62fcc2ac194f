import { setImmediate as nextTurn } from 'node:timers/promises'
import { amountOfNumeric } from '@pacspace/api/amount'
import type { Timestamp } from '@pacspace/api/timestamp'
import { equalBytes } from '@pacspace/proofs/bytes'
import { type CheckpointClaim, formatCheckpointProof } from '@pacspace/proofs/checkpoint-proof'
import { toHex } from '@pacspace/proofs/hex'
import { logEntry } from '@pacspace/proofs/log-entry'
import { rootOf } from '@pacspace/proofs/merkle'
import { inclusionProof } from '@pacspace/proofs/merkle-proof'
import { formatTlogProof } from '@pacspace/proofs/tlog-proof'
import { type Db, isUnavailable } from '@pacspace/service/postgres'
import {
  judgeEntries,
  judgeFigures,
  type ProvedTree,
  selectPartsAfter,
  VerifiedDataDamaged,
} from '../anchors/front-door.ts'
import { type FoundCheckpoint, selectPart, selectPartsInOrder } from '../checkpoints/front-door.ts'
import type { DataPlaneContext } from '../context.ts'
import {
  checkpointIdOf,
  checkpointRecordOf,
  type LogState,
  recordRootOf,
  type StoredCheckpoint,
  type StoredCut,
  type StoredFigures,
  selectCoveringNotes,
  selectLogState,
  selectOtherEntries,
  statusOf,
} from '../ledger/front-door.ts'
import { type RecomputedCustomer, recomputeCustomer } from './recompute-customer.ts'
import { contradictionsOfAnchor, keyOf, type RecomputedLog, recomputeLog } from './recompute-log.ts'
import { foundBefore, messageOf, NOTHING_SHOWN, ofNoLog, type RootFinding, recordOf } from './root-finding.ts'
import { type EntryPlace, type PartPlace, selectPublicRecords } from './verify-root.sql.ts'

/** Customers of a checkpoint of all whose figures are held against their ledgers too: some hundred rows. */
const JUDGED_CUSTOMERS_MAX = 200

/** What is known of a checkpoint's entry before it is judged. */
interface Entry {
  readonly tenantNo: number
  readonly log: LogState
  readonly row: StoredCheckpoint
  /** Its way up to the signed head; undefined before it is verified. */
  readonly inLog: RecomputedLog | undefined
  readonly hasPublicRecords: boolean
}

/** What a root was found to be of, judged. */
interface Judged {
  /** Whose figures are shown, and of which customer. */
  readonly figures: StoredFigures
  /** The customer's ledger up to the end of the scope; undefined where nothing is in scope, and for all customers. */
  readonly customer: RecomputedCustomer | undefined
  readonly discrepancies: readonly string[]
  /** What a proof file says of the record; null where it may not, or there is none. */
  readonly claim: (() => CheckpointClaim) | null
  /** The entry commits to the root itself: a proof that says nothing of a record proves it all the same. */
  readonly isEntryRoot: boolean
}

/** One customer's part of a checkpoint of all. */
type Part = FoundCheckpoint &
  StoredFigures &
  Pick<PartPlace, 'customer_no'> & {
    readonly customer_id: string
    readonly proof_root: Buffer
  }

/**
 * What the database says of a checkpoint's root, everything recomputed: its record from its columns, its figures from the
 * rows at both ends of its scope, each proved to stand in the signed tree, then the entry, the log's tree and the head. Of
 * all customers: every customer's record, and the figures of the first 200.
 */
export function verifyCheckpoint(
  tx: Db,
  anchor: DataPlaneContext['anchor'],
  place: EntryPlace,
  root: Uint8Array,
): Promise<RootFinding> {
  return verifyEntry(tx, anchor, place, async (entry) => {
    const { tenantNo, row } = entry
    const isRoot = equalBytes(row.proof_root, root)
    const customer = await ledgerOf(tx, tenantNo, row.log_index, row)
    const { customer_id: customerId } = row
    const isShown = customerId !== null && entry.hasPublicRecords
    return {
      figures: row,
      customer,
      discrepancies: [
        ...(customer?.discrepancies ?? []),
        ...(isRoot ? [] : ['the checkpoint does not have this root']),
        ...(await wrongIn(tx, entry)),
      ],
      claim: isShown ? () => claimOf(row, customerId, row, [row.proof_root], 0) : null,
      isEntryRoot: true,
    }
  })
}

/**
 * The same for one customer's part of a checkpoint of all customers: its record and figures, its place among the records of
 * all, and the entry of their root. Of the other customers nothing is read but the hashes beside its way.
 */
export function verifyPart(
  tx: Db,
  anchor: DataPlaneContext['anchor'],
  place: PartPlace,
  root: Uint8Array,
): Promise<RootFinding> {
  return verifyEntry(tx, anchor, place, async (entry) => {
    const { tenantNo, row, hasPublicRecords } = entry
    const part = partOf(await selectPart(tx, tenantNo, place.nonce, place.customer_no))
    const leaves = (await selectPartsInOrder(tx, tenantNo, place.nonce)).map((one) => one.proof_root)
    const index = leaves.findIndex((leaf) => equalBytes(leaf, root))
    const isUnder = index >= 0 && equalBytes(rootOf(leaves), row.proof_root)
    const customer = await ledgerOf(tx, tenantNo, row.log_index, part)
    return {
      figures: part,
      customer,
      discrepancies: [
        ...(customer?.discrepancies ?? []),
        ...(isUnder ? [] : ['the customer’s record does not lead to the root of the checkpoint']),
        ...(await wrongInPart(tx, entry, part)),
      ],
      claim: hasPublicRecords ? () => claimOf(part, part.customer_id, part, leaves, index) : null,
      isEntryRoot: leaves.length === 1,
    }
  })
}

async function verifyEntry(
  tx: Db,
  anchor: DataPlaneContext['anchor'],
  { tenant_id: tenantNo, log_index: logIndex }: EntryPlace,
  judge: (entry: Entry) => Promise<Judged>,
): Promise<RootFinding> {
  const [log, others, hasPublicRecords, notes] = await Promise.all([
    selectLogState(tx, tenantNo),
    selectOtherEntries(tx, tenantNo, logIndex, logIndex + 1),
    selectPublicRecords(tx, tenantNo),
    selectCoveringNotes(tx, tenantNo, logIndex),
  ])
  const other = others.get(logIndex)
  if (log === undefined || other?.kind !== 'checkpoint') return ofNoLog(logIndex)
  const { row } = other
  const isCovered = logIndex < log.verified_size
  const inLog = isCovered
    ? await recomputeLog(tx, tenantNo, log, logIndex, logEntry('checkpoint', row.proof_root))
    : undefined
  const judged = await judge({ tenantNo, log, row, inLog, hasPublicRecords })
  const discrepancies = [
    ...judged.discrepancies,
    ...(inLog?.discrepancies ?? []),
    ...(await contradictionsOfAnchor(tx, tenantNo, log, anchor)),
    ...foundBefore(log, logIndex),
  ]
  const isSound = discrepancies.length === 0
  const status = statusOf(logIndex, log)
  return {
    verified: isSound && status === 'VERIFIED',
    message: messageOf(isSound, status),
    logId: log.log_id,
    logIndex,
    ...(isSound ? shown(log, row.created_at, judged, hasPublicRecords) : NOTHING_SHOWN),
    logCheckpoint: inLog?.root === undefined ? null : { size: log.verified_size, root: toHex(inLog.root) },
    anchors: isCovered ? notes.map(({ level, anchored_at }) => ({ level, time: anchored_at })) : [],
    proof: isSound && inLog !== undefined ? proofOf(log, logIndex, inLog, judged) : null,
    discrepancies,
  }
}

/** What the entry must be by its cut, its parts, and the rows that it rests on; without values, which need not be the reader's. */
async function wrongIn(tx: Db, { tenantNo, log, row, inLog }: Entry): Promise<string[]> {
  if (inLog?.root === undefined) return []
  const tree = { size: log.verified_size, root: inLog.root }
  return judged('checkpoint', async () => {
    const entries = new Map([[row.log_index, { kind: 'checkpoint', row } as const]])
    const byIndex = await judgeEntries(tx, tenantNo, tree, entries)
    const texts = [...byIndex.values()].flatMap((one) => one.texts)
    if (row.customer_no === null) texts.push(...(await wrongRecords(tx, tenantNo, row, tree)))
    return texts
  })
}

/**
 * The records of all customers: each must be what its columns say, for the sums are theirs. Of few customers, what the columns
 * say is held against their ledgers as well; of many, the worker did that before it signed and the scrubber does it for ever.
 */
async function wrongRecords(
  tx: Db,
  tenantNo: number,
  row: StoredCheckpoint,
  tree: ProvedTree,
): Promise<string[]> {
  for (let last = 0, isFirst = true; ; isFirst = false) {
    const parts = await selectPartsAfter(tx, tenantNo, row.nonce, last, JUDGED_CUSTOMERS_MAX)
    if (parts.some((part) => !equalBytes(recordRootOf(row, part.customer_id, part), part.proof_root)))
      return ['a customer’s record']
    const isWhole = parts.length < JUDGED_CUSTOMERS_MAX
    if (isWhole && isFirst && (await judgeFigures(tx, tenantNo, tree, row, parts)).size > 0)
      return ['a customer’s figures']
    if (isWhole) return []
    last = parts.at(-1)?.customer_no ?? last
    await nextTurn()
  }
}

async function wrongInPart(tx: Db, { tenantNo, log, row, inLog }: Entry, part: Part): Promise<string[]> {
  if (inLog?.root === undefined) return []
  const tree = { size: log.verified_size, root: inLog.root }
  return judged('checkpoint', async () => {
    const isOfEntry = checkpointIdOf(part) === checkpointIdOf(row)
    const wrong = await judgeFigures(tx, tenantNo, tree, part, [part])
    return [...(isOfEntry ? [] : ['nonce']), ...(wrong.get(part.customer_no) ?? [])]
  })
}

/** The columns that texts name; a value that no append could have written makes the derivation itself throw. */
async function judged(what: string, texts: () => Promise<readonly string[]>): Promise<string[]> {
  try {
    return (await texts()).map((text) => `${what}: ${text.split(':')[0]}`)
  } catch (error) {
    if (isUnavailable(error)) throw error
    if (error instanceof VerifiedDataDamaged)
      return [`entry a_${error.logIndex}, which it rests on, does not fit its content`]
    return [`${what}: holds what no append writes`]
  }
}

/** Of the customer's first records those in scope. */
function shown(log: LogState, recordedAt: Timestamp, judged: Judged, hasPublicRecords: boolean) {
  const { figures, customer } = judged
  const inScope = customer?.rows.filter(({ seq }) => seq >= (figures.from_seq ?? 1)) ?? []
  return {
    recordedAt,
    summary: {
      recordCount: figures.deltas_count,
      netChange: amountOfNumeric(figures.net_change),
      startingBalance: amountOfNumeric(figures.starting_balance),
      endingBalance: amountOfNumeric(figures.ending_balance),
      firstRecordAt: inScope[0]?.created_at ?? null,
      lastRecordAt: customer?.last?.created_at ?? null,
    },
    records: hasPublicRecords ? inScope.map((one) => recordOf(one, log)) : [],
  }
}

async function ledgerOf(
  tx: Db,
  tenantNo: number,
  logIndex: number,
  { customer_no, to_seq, items_root }: StoredFigures & { readonly customer_no: number | null },
): Promise<RecomputedCustomer | undefined> {
  if (customer_no === null || to_seq === null) return undefined
  const customer = await recomputeCustomer(tx, {
    tenant_id: tenantNo,
    log_index: logIndex,
    customer_no,
    seq: to_seq,
  })
  const isRoot = customer.root !== undefined && items_root !== null && equalBytes(customer.root, items_root)
  if (isRoot || customer.discrepancies.length > 0) return customer
  return { ...customer, discrepancies: ['checkpoint: items_root'] }
}

/** A part of a checkpoint in the log has every figure. A customer without a name leads to no root. */
function partOf(found: FoundCheckpoint | undefined): Part {
  const { customer_no, deltas_count, starting_balance, net_change, ending_balance, proof_root } = found ?? {}
  if (found === undefined || customer_no == null || deltas_count == null || proof_root == null)
    throw new Error('a part of a checkpoint is not whole')
  if (starting_balance == null || net_change == null || ending_balance == null)
    throw new Error('a part of a checkpoint has no figures')
  const customer_id = found.customer_id ?? ''
  return {
    ...found,
    customer_no,
    customer_id,
    deltas_count,
    starting_balance,
    net_change,
    ending_balance,
    proof_root,
  }
}

/** The record at `index` among those of all customers, whose roots are `leaves`. */
function claimOf(
  cut: StoredCut,
  customerId: string,
  figures: StoredFigures,
  leaves: readonly Uint8Array[],
  index: number,
): CheckpointClaim {
  return {
    checkpoint: checkpointRecordOf(cut, customerId, figures),
    checkpointIndex: index,
    checkpointPath: inclusionProof(leaves, index),
    checkpointsCount: leaves.length,
  }
}

function proofOf(
  log: LogState,
  logIndex: number,
  { path, note }: RecomputedLog,
  { claim, isEntryRoot }: Judged,
) {
  if (path === undefined || note === undefined) return null
  const publicKey = keyOf(log)
  if (claim !== null) {
    const tlogProof = formatCheckpointProof({ ...claim(), logIndex, logPath: path, note })
    return { tlogProof, publicKey }
  }
  return isEntryRoot ? { tlogProof: formatTlogProof({ index: logIndex, path, note }), publicKey } : null
}
