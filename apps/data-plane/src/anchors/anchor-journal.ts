import { createHash } from 'node:crypto'
import { parseSignedHead } from '@pacspace/proofs/log-proof'
import { type AnchorFiles, absentAs } from './anchor-files.ts'

/** A signed head as an anchor holds it. */
export interface AnchoredHead {
  readonly size: number
  /** 32 bytes. */
  readonly root: Uint8Array
  readonly note: string
}

/** The end of a journal. */
export interface JournalEnd {
  /** The largest head among the last lines; undefined where there is none. */
  readonly head: AnchoredHead | undefined
  /** Bytes up to the end of the last whole line. */
  readonly goodBytes: number
  /** Bytes of the file: more than `goodBytes` where a write was torn. */
  readonly bytes: number
}

/** Read at once from a journal's end: some twenty lines. A journal grows for ever, so it is never read whole. */
const TAIL_BYTES = 8_192
/** Read at once by whoever reads a journal from its start: some hundred and fifty lines. */
const PAGE_BYTES = 65_536

/**
 * Reads the end of a journal and changes nothing, so that any process may, at any time: a torn last line, or one that is
 * being written, is passed over. The largest of the last heads counts and not the last one: a worker that lost its claim
 * in the middle of publishing may write its line after its successor's. Throws where a whole line is damaged.
 */
export async function readJournalEnd(files: AnchorFiles, path: string): Promise<JournalEnd> {
  const file = await files.open(path, 'r').catch(absentAs(undefined))
  if (file === undefined) return { head: undefined, goodBytes: 0, bytes: 0 }
  try {
    const { size } = await file.stat()
    for (let length = TAIL_BYTES; ; length *= 4) {
      const start = Math.max(0, size - length)
      const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start)
      const tail = buffer.subarray(0, bytesRead)
      const begin = start === 0 ? 0 : tail.indexOf('\n') + 1
      const end = tail.lastIndexOf('\n') + 1
      if (start > 0 && end <= begin) continue // not one whole line
      return { head: largestHead(tail.toString('latin1', begin, end)), goodBytes: start + end, bytes: size }
    }
  } finally {
    await file.close()
  }
}

/** A stretch of a journal. */
export interface JournalPage {
  /** In the order of the lines. */
  readonly heads: readonly AnchoredHead[]
  /** Where the next stretch begins; null at the end of the last whole line. */
  readonly next: number | null
}

/** Reads whole lines from byte `start` on, as many as fit in one read. Throws where one is damaged. */
export async function readJournalPage(files: AnchorFiles, path: string, start: number): Promise<JournalPage> {
  const file = await files.open(path, 'r').catch(absentAs(undefined))
  if (file === undefined) return { heads: [], next: null }
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(PAGE_BYTES), 0, PAGE_BYTES, start)
    const page = buffer.subarray(0, bytesRead)
    const end = page.lastIndexOf('\n') + 1
    const lines = page.toString('latin1', 0, end).split('\n').slice(0, -1)
    return { heads: lines.map(headOf), next: end === 0 || bytesRead < PAGE_BYTES ? null : start + end }
  } finally {
    await file.close()
  }
}

/** `<first 16 hex digits of SHA-256 of the note> <base64 of the note>`: a torn line cannot pass for a whole one. */
export function journalLine(note: string): string {
  return `${checksum(note)} ${Buffer.from(note).toString('base64')}\n`
}

function largestHead(lines: string): AnchoredHead | undefined {
  let largest: AnchoredHead | undefined
  for (const line of lines.split('\n').slice(0, -1)) {
    const head = headOf(line)
    if (largest === undefined || head.size >= largest.size) largest = head
  }
  return largest
}

function headOf(line: string): AnchoredHead {
  const [sum = '', encoded = ''] = line.split(' ')
  const note = Buffer.from(encoded, 'base64').toString('utf8')
  if (checksum(note) !== sum) throw new Error('a whole line of the anchor journal is damaged')
  const { checkpoint } = parseSignedHead(note)
  return { size: checkpoint.size, root: checkpoint.root, note }
}

function checksum(note: string): string {
  return createHash('sha256').update(note).digest('hex').slice(0, 16)
}
