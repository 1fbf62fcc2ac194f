import type { Environment } from '@pacspace/api/environment'
import type { RandomBytes } from '@pacspace/api/id'
import type { Clock } from '@pacspace/service/clock'
import { implementer } from '@pacspace/service/implement'
import type { InternalClient } from '@pacspace/service/internal-client'
import type { Logger } from '@pacspace/service/log'
import type { Pool } from '@pacspace/service/postgres'
import type { AccessTokens } from './accounts/access-token.ts'
import type { HashQueue } from './accounts/hash-queue.ts'
import type { AuditJournal } from './audit/audit-journal.ts'
import type { AuditSigner } from './audit/audit-signer.ts'
import type { PaymentProvider } from './billing/payment-provider.ts'
import type { SendMail } from './mail/transport.ts'

/** What endpoints and jobs of the control plane work with. Time and randomness come from here and nowhere else. */
export interface ControlPlaneContext {
  readonly db: Pool
  /** The internal API of each data plane. A plane that is away raises SERVICE_UNAVAILABLE. */
  readonly planes: Readonly<Record<Environment, InternalClient>>
  readonly tokens: AccessTokens
  readonly hashing: HashQueue
  readonly sendMail: SendMail
  /** Who collects the money for plans. */
  readonly payments: PaymentProvider
  /** Signs the activity log. */
  readonly auditSigner: AuditSigner
  /** Where the heads of the activity log stand outside the database; null where nobody has said so. */
  readonly auditJournal: AuditJournal | null
  /** What links in mails start with, without a slash at the end. Configured, never taken from a request (check A-9). */
  readonly publicUrl: string
  readonly clock: Clock
  readonly randomBytes: RandomBytes
  readonly log: Logger
}

/** Binds an endpoint definition to its handler. */
export const implement = implementer<ControlPlaneContext>()
