import type { RandomBytes } from '@pacspace/api/id'
import { httpMetrics } from '@pacspace/service/answer-tally'
import { type Clock, systemClock } from '@pacspace/service/clock'
import { requireDurableDatabase } from '@pacspace/service/durable-database'
import type { Logger } from '@pacspace/service/log'
import { createPool, type Pool } from '@pacspace/service/postgres'
import { createPrivateServer, createRegistry } from '@pacspace/service/private-server'
import { randomBytes } from '@pacspace/service/random'
import { runService, type Startup } from '@pacspace/service/service-main'
import { createAccessTokens } from './accounts/access-token.ts'
import { createHashQueue, LOWEST_PRIORITY } from './accounts/hash-queue.ts'
import { anchorActivity } from './audit/anchor-activity.ts'
import { AuditJournal } from './audit/audit-journal.ts'
import { createAuditSigner } from './audit/audit-signer.ts'
import { keepAuditLogGrowing } from './audit/keep-growing.ts'
import { builtinProvider } from './billing/builtin-provider.ts'
import type { PaymentProvider } from './billing/payment-provider.ts'
import { readStripeSettings } from './billing/stripe-settings.ts'
import { readConfiguration, type ServiceConfiguration } from './configuration.ts'
import type { ControlPlaneContext } from './context.ts'
import { createControlPlane, planesOf, prepareDatabase, SERVICE_ROLE } from './control-plane.ts'
import { startJobWorker } from './job-worker.ts'
import { mailboxTransport } from './mail/mailbox.ts'
import { smtpTransport } from './mail/smtp.ts'
import type { SendMail } from './mail/transport.ts'

await runService('control-plane', start)

/** The control plane as a process: migrations, Dashboard API, background jobs, private port. Configured by environment. */
async function start({ log, onClose }: Startup): Promise<object> {
  const configuration = readConfiguration(process.env)
  const { databaseUrl, host } = configuration
  const payments = await paymentsOf(configuration)
  await prepareDatabase(databaseUrl, log)
  const db = createPool({ url: databaseUrl, role: SERVICE_ROLE, applicationName: 'control-plane' })
  onClose(() => db.end())
  if (!configuration.unsafeDatabase) await requireDurableDatabase(db)

  const context = contextOf(configuration, { db, log, payments, clock: systemClock, randomBytes })
  await anchorActivity(context)
  const registry = createRegistry()
  const service = await createControlPlane(context, {
    trustedProxies: configuration.trustedProxies,
    onAnswer: httpMetrics(registry),
  })
  const privateServer = await createPrivateServer({
    checks: [{ name: 'database', check: () => db.query('select 1') }],
    registry,
    log,
    clock: systemClock,
  })
  const worker = startJobWorker(databaseUrl, context)
  const growth = keepAuditLogGrowing(context)
  onClose(() => context.hashing.close())
  onClose(() => privateServer.close())
  onClose(() => growth.stop())
  onClose(() => worker.stop())
  onClose(() => service.close())
  onClose(async () => privateServer.leave())

  const { url: privateUrl } = await privateServer.listen({ host, port: configuration.privatePort })
  const { url } = await service.listen({ host, port: configuration.port })
  return { url, privateUrl }
}

function contextOf(
  configuration: ServiceConfiguration,
  parts: {
    readonly db: Pool
    readonly log: Logger
    readonly payments: PaymentProvider
    readonly clock: Clock
    readonly randomBytes: RandomBytes
  },
): ControlPlaneContext {
  const { publicUrl, jwtSecret, tokenSeconds, auditKey, auditAnchorDir } = configuration
  return {
    ...parts,
    planes: planesOf(configuration),
    tokens: createAccessTokens({
      secret: jwtSecret,
      issuer: publicUrl,
      lifetimeSeconds: tokenSeconds,
      clock: parts.clock,
      randomBytes: parts.randomBytes,
    }),
    hashing: createHashQueue({ niceness: LOWEST_PRIORITY }),
    sendMail: transportOf(configuration, parts.randomBytes),
    auditSigner: createAuditSigner(auditKey, publicUrl),
    auditJournal: auditAnchorDir === undefined ? null : AuditJournal.in(auditAnchorDir),
    publicUrl,
  }
}

/** Stripe's client takes 200 ms to load and 40 MB to keep: only where it is used. */
async function paymentsOf(configuration: ServiceConfiguration): Promise<PaymentProvider> {
  const settings = readStripeSettings(configuration)
  if (settings === undefined) return builtinProvider
  const { stripeProvider } = await import('./billing/stripe-provider.ts')
  return stripeProvider(settings)
}

function transportOf(configuration: ServiceConfiguration, randomBytes: RandomBytes): SendMail {
  const { smtpUrl, mailboxDir, publicUrl } = configuration
  const from = configuration.mailFrom ?? `PacSpace <no-reply@${new URL(publicUrl).hostname}>`
  if (smtpUrl !== undefined) return smtpTransport({ url: smtpUrl, from })
  if (mailboxDir !== undefined) return mailboxTransport(mailboxDir, randomBytes)
  throw new Error('readConfiguration lets neither pass')
}
