import { randomUUID } from 'node:crypto'
import type { EndpointInput } from '@pacspace/api/endpoint'
import type { TenantId } from '@pacspace/api/id'
import * as api from '@pacspace/api/internal/plane-webhooks'
import { silentLog } from '@pacspace/service/log'
import { createPool } from '@pacspace/service/postgres'
import { WORKER_ROLE } from '../data-plane.ts'
import { deliverDue } from '../webhooks/deliver-loop.ts'
import type { DeliveryContext } from '../webhooks/delivery-context.ts'
import { DeliverySlots } from '../webhooks/delivery-slots.ts'
import { guardedAgent } from '../webhooks/guarded-agent.ts'
import { RenderedEvents } from '../webhooks/rendered-events.ts'
import { parseAllowList, type Resolve, systemResolve, type TargetRules } from '../webhooks/target-rules.ts'
import { type TestDataPlane, WEBHOOK_KEY } from './test-data-plane.ts'

/** Rules under which tests may send to loopback. */
export const LOOPBACK: TargetRules = { httpsOnly: false, allow: parseAllowList(['127.0.0.0/8']) }

export interface DeliveriesOptions {
  readonly rules?: TargetRules
  readonly resolve?: Resolve
  readonly attemptMsMax?: number
  /** 0 ≤ x < 1; default 0.5: no jitter. */
  readonly random?: () => number
  /** Certificate authority that receivers are trusted by. */
  readonly ca?: string
}

/** The delivering part of a worker; moves when told to. */
export interface TestDeliveries extends AsyncDisposable {
  readonly context: DeliveryContext
  /** Everything that is due now is sent, and kept, when it resolves. */
  deliver(): Promise<void>
}

/** One on the plane's database, under the worker's role. */
export function testDeliveries(plane: TestDataPlane, options: DeliveriesOptions = {}): TestDeliveries {
  const { rules = LOOPBACK, resolve = systemResolve, attemptMsMax, random = () => 0.5, ca } = options
  const db = createPool({
    url: plane.database.url,
    role: WORKER_ROLE,
    applicationName: 'test webhooks',
    max: 4,
  })
  const { environment } = plane.context
  const dispatcher = guardedAgent({ rules, resolve, ...(ca !== undefined && { ca }) })
  const context: DeliveryContext = {
    db,
    environment,
    clock: plane.clock,
    random,
    log: silentLog,
    webhookKey: WEBHOOK_KEY,
    dispatcher,
    rules,
    rendered: new RenderedEvents(db, environment),
    slots: new DeliverySlots(),
    workerId: randomUUID(),
    ...(attemptMsMax !== undefined && { attemptMsMax }),
  }
  return {
    context,
    deliver: () => deliverDue(context),
    async [Symbol.asyncDispose]() {
      await dispatcher.destroy()
      await db.end()
    },
  }
}

/** An endpoint with its secret, made as the control plane makes it. */
export function newWebhook(
  plane: TestDataPlane,
  tenantId: TenantId,
  body: EndpointInput<typeof api.createPlaneWebhook>['body'],
) {
  return plane.internal.succeed(api.createPlaneWebhook, {
    token: plane.internalSecret,
    params: { tenantId },
    body,
  })
}
