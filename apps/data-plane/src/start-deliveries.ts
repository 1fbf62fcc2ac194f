import { randomUUID } from 'node:crypto'
import { systemClock } from '@pacspace/service/clock'
import { listen } from '@pacspace/service/listen'
import type { Logger } from '@pacspace/service/log'
import { createPool, type PoolOptions } from '@pacspace/service/postgres'
import type { createRegistry } from '@pacspace/service/private-server'
import { showFigures } from '@pacspace/service/process-figures'
import { randomBytes } from '@pacspace/service/random'
import type { Startup } from '@pacspace/service/service-main'
import { LOG_VERIFIED } from './anchors/anchors.sql.ts'
import { targetRulesOf, type WorkerConfiguration } from './configuration.ts'
import { startDeliveryLoop } from './webhooks/deliver-loop.ts'
import { DeliverySlots } from './webhooks/delivery-slots.ts'
import { guardedAgent } from './webhooks/guarded-agent.ts'
import { RenderedEvents } from './webhooks/rendered-events.ts'
import { systemResolve } from './webhooks/target-rules.ts'
import { DELIVERY_DUE } from './webhooks/webhooks.sql.ts'

const CONNECTIONS = 6
const RANDOM_BYTES = 4

/** Delivers webhooks on connections of its own: rendering events reads much, and must not keep verification waiting. */
export function startDeliveries(
  configuration: WorkerConfiguration,
  {
    log,
    onClose,
    pool,
    registry,
    isBurst,
  }: Pick<Startup, 'onClose'> & {
    readonly log: Logger
    readonly pool: PoolOptions
    readonly registry: ReturnType<typeof createRegistry>
    readonly isBurst: () => boolean
  },
): void {
  const { environment, webhookKey } = configuration
  const db = createPool({ ...pool, applicationName: `${environment} webhooks`, max: CONNECTIONS })
  const rules = targetRulesOf(configuration)
  const dispatcher = guardedAgent({ rules, resolve: systemResolve })
  const loop = startDeliveryLoop({
    db,
    environment,
    clock: systemClock,
    random: () => Buffer.from(randomBytes(RANDOM_BYTES)).readUInt32BE() / 2 ** (8 * RANDOM_BYTES),
    log,
    webhookKey,
    dispatcher,
    rules,
    rendered: new RenderedEvents(db, environment),
    slots: new DeliverySlots({ isBurst }),
    workerId: randomUUID(),
  })
  showFigures(registry, [
    {
      name: 'pacspace_webhook_lag_entries',
      help: 'Verified entries that the webhook endpoint furthest behind has yet to be sent',
      value: () => loop.lagEntries,
    },
  ])
  const listeners = [LOG_VERIFIED, DELIVERY_DUE].map((channel) =>
    listen({ ...pool, channel, onNotify: () => loop.wake(), onLost: () => loop.wake() }),
  )
  onClose(() => db.end())
  onClose(() => dispatcher.destroy())
  onClose(() => loop.stop())
  for (const listener of listeners) onClose(() => listener.close())
}
