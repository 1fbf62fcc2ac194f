import type { Timestamp } from '@pacspace/api/timestamp'

/** One mail as it is handed over, in plain text and in HTML. */
export interface Mail {
  readonly to: string
  readonly subject: string
  readonly text: string
  /** Says the same; loads nothing. */
  readonly html: string
  /** Every link of the text, in order: what a local mailbox offers to click. */
  readonly links: readonly string[]
  readonly createdAt: Timestamp
}

/**
 * Hands a mail over for delivery. Resolves only when the receiver has it for good; rejects otherwise, and then it is
 * called again, so a mail may arrive twice.
 */
export type SendMail = (mail: Mail) => Promise<void>
