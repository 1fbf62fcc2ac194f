import type { Timestamp } from '@pacspace/api/timestamp'

/** One mail as it is handed over: plain text, so nothing in it can be mark-up. */
export interface Mail {
  readonly to: string
  readonly subject: string
  readonly text: string
  /** Every link of the text, in order: what a local mailbox offers to click. */
  readonly links: readonly string[]
  readonly createdAt: Timestamp
}

/**
 * Hands a mail over for delivery. Resolves only when the receiver has it for good; rejects otherwise, and then it is
 * called again, so a mail may arrive twice.
 */
export type SendMail = (mail: Mail) => Promise<void>
