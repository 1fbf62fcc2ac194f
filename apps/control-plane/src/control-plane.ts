import { fileURLToPath } from 'node:url'
import { createHttpService, type HttpOptions, type HttpService } from '@pacspace/service/http'
import type { Implementation } from '@pacspace/service/implement'
import { createInternalClient } from '@pacspace/service/internal-client'
import type { Logger } from '@pacspace/service/log'
import { migrate } from '@pacspace/service/migrate'
import { authenticateUser } from './accounts/authenticate.ts'
import { changePassword } from './accounts/change-password.ts'
import { getMe } from './accounts/get-me.ts'
import { login } from './accounts/login.ts'
import { logout } from './accounts/logout.ts'
import { register } from './accounts/register.ts'
import { requestPasswordReset } from './accounts/request-password-reset.ts'
import { resendVerificationEmail } from './accounts/resend-verification-email.ts'
import { resetPassword } from './accounts/reset-password.ts'
import { sessionCookieName } from './accounts/session-cookie.ts'
import { updateMe } from './accounts/update-me.ts'
import { updatePreferences } from './accounts/update-preferences.ts'
import { verifyEmail } from './accounts/verify-email.ts'
import { getActivityLog } from './audit/get-activity-log.ts'
import { getActivityProof } from './audit/get-activity-proof.ts'
import { listActivity } from './audit/list-activity.ts'
import { cancelSubscription } from './billing/cancel-subscription.ts'
import { changeSubscription } from './billing/change-subscription.ts'
import { getBillingPlan } from './billing/get-billing-plan.ts'
import { getBillingUsage } from './billing/get-billing-usage.ts'
import { listBillingPlans } from './billing/list-billing-plans.ts'
import { listInvoices } from './billing/list-invoices.ts'
import { openBillingPortal } from './billing/open-billing-portal.ts'
import { receiveStripeEvent } from './billing/receive-stripe-event.ts'
import type { OperatorConfiguration } from './configuration.ts'
import type { ControlPlaneContext } from './context.ts'
import { getEnvironmentStatus } from './environments/get-environment-status.ts'
import { listEnvironments } from './environments/list-environments.ts'
import { provisionEnvironment } from './environments/provision-environment.ts'
import { installJobQueue } from './job-worker.ts'
import { createApiKey } from './keys/create-api-key.ts'
import { getApiKey } from './keys/get-api-key.ts'
import { listApiKeys } from './keys/list-api-keys.ts'
import { revokeApiKey } from './keys/revoke-api-key.ts'
import { rotateApiKey } from './keys/rotate-api-key.ts'
import { updateApiKey } from './keys/update-api-key.ts'
import { compareLedger } from './ledger-views/compare-ledger.ts'
import { createCustomer } from './ledger-views/create-customer.ts'
import { exportLedger } from './ledger-views/export-ledger.ts'
import { exportLedgerDeltas } from './ledger-views/export-ledger-deltas.ts'
import { getLedgerBalance } from './ledger-views/get-ledger-balance.ts'
import { getLedgerCustomer } from './ledger-views/get-ledger-customer.ts'
import { getLedgerDelta } from './ledger-views/get-ledger-delta.ts'
import { getLedgerHistory } from './ledger-views/get-ledger-history.ts'
import { getLedgerReceipt } from './ledger-views/get-ledger-receipt.ts'
import { getLedgerSummary } from './ledger-views/get-ledger-summary.ts'
import { getLedgerVerification } from './ledger-views/get-ledger-verification.ts'
import { listAllCheckpoints } from './ledger-views/list-all-checkpoints.ts'
import { listLedgerCheckpoints } from './ledger-views/list-ledger-checkpoints.ts'
import { listLedgerCustomers } from './ledger-views/list-ledger-customers.ts'
import { listLedgerDeltas } from './ledger-views/list-ledger-deltas.ts'
import { takeCheckpointOfAll } from './ledger-views/take-checkpoint-of-all.ts'
import { takeLedgerCheckpoint } from './ledger-views/take-ledger-checkpoint.ts'
import { acceptInvitation } from './team/accept-invitation.ts'
import { createInvitation } from './team/create-invitation.ts'
import { listInvitations } from './team/list-invitations.ts'
import { listTeam } from './team/list-team.ts'
import { removeMember } from './team/remove-member.ts'
import { revokeInvitation } from './team/revoke-invitation.ts'
import { updateMember } from './team/update-member.ts'
import { getTenant } from './tenant/get-tenant.ts'
import { updateTenant } from './tenant/update-tenant.ts'
import { deleteWebhook, rotateWebhookSecret, updateWebhook } from './webhooks/change-webhook.ts'
import { createWebhook } from './webhooks/create-webhook.ts'
import { getWebhook, listWebhookDeliveries, listWebhooks } from './webhooks/read-webhooks.ts'
import { recoverWebhook, retryWebhookDelivery, testWebhook } from './webhooks/send-webhook.ts'

/** The role that the service works under; see the first migration. */
export const SERVICE_ROLE = 'pacspace_control'

/** The folder of the database's migrations. */
export const MIGRATIONS = fileURLToPath(new URL('../migrations', import.meta.url))

/** Every endpoint of the control plane, bound to its handler. */
export const implementations: readonly Implementation<ControlPlaneContext>[] = [
  register,
  login,
  verifyEmail,
  resendVerificationEmail,
  updatePreferences,
  getMe,
  updateMe,
  logout,
  requestPasswordReset,
  resetPassword,
  changePassword,
  listTeam,
  createInvitation,
  listInvitations,
  revokeInvitation,
  acceptInvitation,
  updateMember,
  removeMember,
  getTenant,
  updateTenant,
  provisionEnvironment,
  getEnvironmentStatus,
  listEnvironments,
  createApiKey,
  listApiKeys,
  getApiKey,
  updateApiKey,
  rotateApiKey,
  revokeApiKey,
  getBillingPlan,
  listBillingPlans,
  getBillingUsage,
  changeSubscription,
  cancelSubscription,
  openBillingPortal,
  listInvoices,
  receiveStripeEvent,
  listActivity,
  getActivityLog,
  getActivityProof,
  createWebhook,
  listWebhooks,
  getWebhook,
  updateWebhook,
  deleteWebhook,
  rotateWebhookSecret,
  testWebhook,
  listWebhookDeliveries,
  retryWebhookDelivery,
  recoverWebhook,
  createCustomer,
  listLedgerCustomers,
  getLedgerSummary,
  getLedgerCustomer,
  getLedgerBalance,
  getLedgerReceipt,
  exportLedger,
  listLedgerCheckpoints,
  takeLedgerCheckpoint,
  compareLedger,
  getLedgerDelta,
  listLedgerDeltas,
  listAllCheckpoints,
  takeCheckpointOfAll,
  getLedgerHistory,
  getLedgerVerification,
  exportLedgerDeltas,
]

/** The Dashboard API over HTTP, not listening yet. */
export async function createControlPlane(
  context: ControlPlaneContext,
  options: Pick<HttpOptions<ControlPlaneContext>, 'trustedProxies' | 'onAnswer'> = {},
): Promise<HttpService> {
  return await createHttpService({
    ...options,
    implementations,
    context,
    authenticator: {
      user: (bearer) => authenticateUser(bearer, context),
      sessionCookie: sessionCookieName(context.publicUrl),
    },
    log: context.log,
    clock: context.clock,
  })
}

/**
 * Brings the database at `url` (its owner's) to the newest schema, the job queue's own included. Safe to call by any number
 * of processes at once.
 */
export async function prepareDatabase(url: string, log: Logger): Promise<void> {
  await migrate({ url, folder: MIGRATIONS, log })
  await installJobQueue(url, log)
}

/** The way to each plane's internal API. Connects to nothing until it is used. */
export function planesOf(configuration: OperatorConfiguration): ControlPlaneContext['planes'] {
  return {
    sandbox: createInternalClient({
      baseUrl: configuration.sandboxInternalUrl,
      secret: configuration.sandboxInternalSecret,
    }),
    production: createInternalClient({
      baseUrl: configuration.productionInternalUrl,
      secret: configuration.productionInternalSecret,
    }),
  }
}
