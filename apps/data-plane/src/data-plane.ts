import { fileURLToPath } from 'node:url'
import { createHttpService, type HttpOptions, type HttpService } from '@pacspace/service/http'
import type { Implementation } from '@pacspace/service/implement'
import type { Logger } from '@pacspace/service/log'
import { migrate } from '@pacspace/service/migrate'
import { listCheckpoints } from './checkpoints/list-checkpoints.ts'
import { takeCheckpoint } from './checkpoints/take-checkpoint.ts'
import type { DataPlaneContext } from './context.ts'
import { createPlaneCustomer } from './customers/create-plane-customer.ts'
import { acceptFact } from './facts/accept-fact.ts'
import { getFact } from './facts/get-fact.ts'
import { verifyFact } from './facts/verify-fact.ts'
import type { KeyAuthenticator } from './keys/authenticate-key.ts'
import type { RequestLimits } from './keys/limit-requests.ts'
import {
  createPlaneKey,
  getPlaneKey,
  listPlaneKeys,
  revokePlaneKey,
  updatePlaneKey,
} from './keys/plane-key.ts'
import { rotatePlaneKey } from './keys/rotate-plane-key.ts'
import { compareBalances } from './ledger/compare-balances.ts'
import { deriveBalance } from './ledger/derive-balance.ts'
import { emitBatch } from './ledger/emit-batch.ts'
import { emitDelta } from './ledger/emit-delta.ts'
import { getCustomer } from './ledger/get-customer.ts'
import { getCustomersSummary } from './ledger/get-customers-summary.ts'
import { getDelta } from './ledger/get-delta.ts'
import { getGaps } from './ledger/get-gaps.ts'
import { getLimits } from './ledger/get-limits.ts'
import { getPlaneHistory } from './ledger/get-plane-history.ts'
import { getInvoiceProof, getReceipt } from './ledger/get-receipt.ts'
import { listCustomers } from './ledger/list-customers.ts'
import { listPlaneDeltas } from './ledger/list-deltas.ts'
import { streamDeltas } from './ledger/stream-deltas.ts'
import { getLogConsistency } from './proofs/get-log-consistency.ts'
import { getLogTile } from './proofs/get-log-tile.ts'
import { getLogCheckpoint, getLogKey } from './proofs/public-log.ts'
import { verifyRoot } from './proofs/verify-root.ts'
import { forControlPlane } from './tenants/ledger-view.ts'
import { getPlaneTenant, provisionTenant, setEntitlement, setPublicRecords } from './tenants/plane-tenant.ts'
import { getPlaneUsage } from './usage/get-plane-usage.ts'
import { getPlaneVerification } from './usage/get-plane-verification.ts'
import { getUsage } from './usage/get-usage.ts'
import { listHighUsage } from './usage/list-high-usage.ts'
import { listDeliveries } from './webhooks/list-deliveries.ts'
import { listenEvents } from './webhooks/listen-events.ts'
import {
  confirmWebhookNotices,
  listPlaneWebhookDeliveries,
  listWebhookNotices,
  recoverPlaneWebhook,
  retryPlaneWebhookDelivery,
  testPlaneWebhook,
} from './webhooks/plane-delivery.ts'
import {
  createPlaneWebhook,
  deletePlaneWebhook,
  getPlaneWebhook,
  listPlaneWebhooks,
  rotatePlaneWebhookSecret,
  updatePlaneWebhook,
} from './webhooks/plane-webhook.ts'
import { retryDelivery } from './webhooks/retry-delivery.ts'
import { acceptWrites } from './writes/accept-writes.ts'
import { readBucket } from './writes/read-bucket.ts'

/** The roles that the two processes work under; see the first migration. */
export const API_ROLE = 'pacspace_api'
export const WORKER_ROLE = 'pacspace_worker'

/** The folder of the database's migrations. */
export const MIGRATIONS = fileURLToPath(new URL('../migrations', import.meta.url))

/** Every endpoint of the Balance API and the public log, bound to its handler. */
export const implementations: readonly Implementation<DataPlaneContext>[] = [
  emitDelta,
  emitBatch,
  getDelta,
  deriveBalance,
  compareBalances,
  getReceipt,
  getInvoiceProof,
  listCustomers,
  getCustomersSummary,
  getCustomer,
  getGaps,
  getLimits,
  getUsage,
  streamDeltas,
  takeCheckpoint,
  listCheckpoints,
  acceptWrites,
  readBucket,
  acceptFact,
  getFact,
  verifyFact,
  getLogCheckpoint,
  getLogKey,
  getLogTile,
  getLogConsistency,
  verifyRoot,
  listDeliveries,
  retryDelivery,
  listenEvents,
]

/** What the control plane may ask, on the private port. */
export const internalImplementations: readonly Implementation<DataPlaneContext>[] = [
  provisionTenant,
  getPlaneTenant,
  setEntitlement,
  setPublicRecords,
  createPlaneKey,
  listPlaneKeys,
  getPlaneKey,
  updatePlaneKey,
  rotatePlaneKey,
  revokePlaneKey,
  getPlaneUsage,
  listHighUsage,
  createPlaneWebhook,
  listPlaneWebhooks,
  getPlaneWebhook,
  updatePlaneWebhook,
  deletePlaneWebhook,
  rotatePlaneWebhookSecret,
  testPlaneWebhook,
  listPlaneWebhookDeliveries,
  retryPlaneWebhookDelivery,
  recoverPlaneWebhook,
  listWebhookNotices,
  confirmWebhookNotices,
  listPlaneDeltas,
  createPlaneCustomer,
  getPlaneHistory,
  getPlaneVerification,
  ...[
    listCustomers,
    getCustomersSummary,
    getCustomer,
    deriveBalance,
    getReceipt,
    listCheckpoints,
    takeCheckpoint,
    compareBalances,
    getDelta,
  ].map(forControlPlane),
]

/** The Balance API over HTTP, not listening yet. */
export async function createDataPlane(
  context: DataPlaneContext,
  keys: KeyAuthenticator,
  limits: RequestLimits,
  options: Pick<HttpOptions<DataPlaneContext>, 'log' | 'trustedProxies' | 'onAnswer' | 'ownOrigins'>,
): Promise<HttpService> {
  return await createHttpService({
    ...options,
    implementations,
    context,
    authenticator: {
      apiKey: (header, request, headers) => limits.authenticate(keys, header, request, headers),
      anybody: (_definition, request, headers) => limits.takeOfAddress(request, headers),
      admit: (principal, request) =>
        keys.admit(principal, request.headers['x-api-key'] ?? '', request.headers['x-credit-pool-id']),
    },
    environment: context.environment,
    clock: context.clock,
  })
}

/** Brings the database at `url` (its owner's) to the newest schema. Safe to call by any number of processes at once. */
export async function prepareDatabase(url: string, log: Logger): Promise<void> {
  await migrate({ url, folder: MIGRATIONS, log })
}
