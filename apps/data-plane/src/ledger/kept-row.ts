import { canonicalJson, parseCanonicalJson } from '@pacspace/proofs/jcs'
import type { StoredDelta } from './delta.ts'
import type { StoredCheckpoint } from './other-entry.ts'

/** A row of the log that a void keeps. */
export type KeptRow =
  | { readonly kind: 'delta'; readonly row: StoredDelta }
  | { readonly kind: 'checkpoint'; readonly row: StoredCheckpoint }

/** What a column holds; with a question mark, or null. */
type Form = 'integer' | 'boolean' | 'text' | 'text?' | 'integer?' | 'bytes' | 'bytes?'

const DELTA: Readonly<Record<keyof StoredDelta, Form>> = {
  log_index: 'integer',
  created_at: 'text',
  tenant_id: 'integer',
  customer_no: 'integer',
  seq: 'integer',
  record_nonce: 'bytes',
  items_root: 'bytes',
  nodes: 'bytes?',
  amount: 'text',
  balance: 'text',
  reason: 'text',
  reference_id: 'text?',
  reference_hash: 'text?',
  metadata: 'text?',
  key_digest: 'bytes?',
  adjusts_record_id: 'text?',
  adjusts_reference_id: 'text?',
  customer_id: 'text?',
  previous_root: 'bytes?',
}

const CHECKPOINT: Readonly<Record<keyof StoredCheckpoint, Form>> = {
  log_index: 'integer',
  created_at: 'text',
  customer_no: 'integer?',
  customer_id: 'text?',
  cut_size: 'integer',
  cut_at: 'text',
  start_at: 'text?',
  end_at: 'text?',
  nonce: 'bytes',
  period: 'text?',
  closed: 'boolean',
  mode: 'text?',
  fingerprints: 'text?',
  key_digest: 'bytes?',
  from_seq: 'integer?',
  to_seq: 'integer?',
  deltas_count: 'integer',
  starting_balance: 'text',
  net_change: 'text',
  ending_balance: 'text',
  items_root: 'bytes?',
  proof_root: 'bytes',
}

const COLUMNS = { delta: DELTA, checkpoint: CHECKPOINT }

/** The text that a void keeps of a row: RFC 8785, bytes as hex digits. */
export function keptText({ kind, row }: KeptRow): string {
  const columns = Object.entries(row)
    .filter(([name]) => name in COLUMNS[kind])
    .map(([name, value]): [string, unknown] => [
      name,
      value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
    ])
  return canonicalJson({ kind, row: Object.fromEntries(columns) })
}

/** The row of such a text. Throws for any other: every column is there, and holds what its form says. */
export function readKept(text: string): KeptRow {
  const value = parseCanonicalJson(text)
  const { kind, row, ...rest } = objectOf(value)
  if ((kind !== 'delta' && kind !== 'checkpoint') || Object.keys(rest).length > 0) throw new Error(NO_ROW)
  const forms: Readonly<Record<string, Form>> = COLUMNS[kind]
  const columns = objectOf(row)
  if (Object.keys(columns).length !== Object.keys(forms).length) throw new Error(NO_ROW)
  const read = Object.entries(forms).map(([name, form]) => [name, readValue(columns[name], form)])
  // Each column was held against its form just now.
  return { kind, row: Object.fromEntries(read) } as KeptRow
}

const NO_ROW = 'no row of the log'

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error(NO_ROW)
  return value as Readonly<Record<string, unknown>> // an object, as was looked
}

function readValue(value: unknown, form: Form): unknown {
  if (value === null && form.endsWith('?')) return null
  const kind = form.replace('?', '')
  if (kind === 'bytes' && typeof value === 'string' && /^([0-9a-f]{2})*$/.test(value))
    return Buffer.from(value, 'hex')
  const isRight =
    (kind === 'text' && typeof value === 'string') ||
    (kind === 'boolean' && typeof value === 'boolean') ||
    (kind === 'integer' && Number.isSafeInteger(value))
  if (!isRight) throw new Error(NO_ROW)
  return value
}
