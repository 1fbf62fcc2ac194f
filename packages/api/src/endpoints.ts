import * as accounts from './definition/accounts.ts'
import * as activity from './definition/activity.ts'
import * as billing from './definition/billing.ts'
import * as checkpoints from './definition/checkpoints.ts'
import * as compare from './definition/compare.ts'
import * as customerProfile from './definition/customer-profile.ts'
import * as customers from './definition/customers.ts'
import * as environments from './definition/environments.ts'
import * as facts from './definition/facts.ts'
import * as keys from './definition/keys.ts'
import * as ledger from './definition/ledger.ts'
import * as ledgerViews from './definition/ledger-views.ts'
import * as passwords from './definition/passwords.ts'
import * as publicLog from './definition/public-log.ts'
import * as receipts from './definition/receipts.ts'
import * as stream from './definition/stream.ts'
import * as stripeWebhook from './definition/stripe-webhook.ts'
import * as team from './definition/team.ts'
import * as tenant from './definition/tenant.ts'
import * as usage from './definition/usage.ts'
import * as verify from './definition/verify.ts'
import * as webhooks from './definition/webhooks.ts'
import * as writes from './definition/writes.ts'
import type { EndpointShape } from './endpoint.ts'
import { ledgerView } from './internal/ledger-view.ts'
import * as plane from './internal/plane.ts'
import * as planeCustomers from './internal/plane-customers.ts'
import * as planeDeltas from './internal/plane-deltas.ts'
import * as planeHistory from './internal/plane-history.ts'
import * as planeVerification from './internal/plane-verification.ts'
import * as planeWebhooks from './internal/plane-webhooks.ts'

/**
 * Every endpoint there is, by the service that answers it. Tests enumerate these lists, so an endpoint that is not here
 * does not exist and one that is here cannot be forgotten.
 */
export const controlPlaneEndpoints: readonly EndpointShape[] = [
  accounts.register,
  accounts.login,
  accounts.verifyEmail,
  accounts.resendVerificationEmail,
  accounts.updatePreferences,
  accounts.getMe,
  accounts.updateMe,
  accounts.logout,
  passwords.requestPasswordReset,
  passwords.resetPassword,
  passwords.changePassword,
  team.listTeam,
  team.createInvitation,
  team.listInvitations,
  team.revokeInvitation,
  team.acceptInvitation,
  team.updateMember,
  team.removeMember,
  tenant.getTenant,
  tenant.updateTenant,
  environments.provisionEnvironment,
  environments.getEnvironmentStatus,
  environments.listEnvironments,
  keys.createApiKey,
  keys.listApiKeys,
  keys.getApiKey,
  keys.updateApiKey,
  keys.rotateApiKey,
  keys.revokeApiKey,
  billing.getBillingPlan,
  billing.listBillingPlans,
  billing.getBillingUsage,
  billing.changeSubscription,
  billing.cancelSubscription,
  billing.openBillingPortal,
  billing.listInvoices,
  stripeWebhook.receiveStripeEvent,
  activity.listActivity,
  activity.getActivityLog,
  activity.getActivityProof,
  webhooks.createWebhook,
  webhooks.listWebhooks,
  webhooks.getWebhook,
  webhooks.updateWebhook,
  webhooks.deleteWebhook,
  webhooks.rotateWebhookSecret,
  webhooks.testWebhook,
  webhooks.listWebhookDeliveries,
  webhooks.retryWebhookDelivery,
  webhooks.recoverWebhook,
  customerProfile.createCustomer,
  ledgerViews.listLedgerCustomers,
  ledgerViews.getLedgerSummary,
  ledgerViews.getLedgerCustomer,
  ledgerViews.getLedgerBalance,
  ledgerViews.getLedgerReceipt,
  ledgerViews.exportLedger,
  ledgerViews.listLedgerCheckpoints,
  ledgerViews.takeLedgerCheckpoint,
  ledgerViews.compareLedger,
  ledgerViews.getLedgerDelta,
  ledgerViews.listLedgerDeltas,
  ledgerViews.listAllCheckpoints,
  ledgerViews.takeCheckpointOfAll,
  ledgerViews.getLedgerHistory,
  ledgerViews.getLedgerVerification,
  ledgerViews.exportLedgerDeltas,
]

export const dataPlaneEndpoints: readonly EndpointShape[] = [
  ledger.emitDelta,
  ledger.emitBatch,
  ledger.getDelta,
  ledger.deriveBalance,
  compare.compareBalances,
  receipts.getReceipt,
  receipts.getInvoiceProof,
  ledger.listCustomers,
  customers.getCustomersSummary,
  customers.getCustomer,
  customers.getGaps,
  customers.getLimits,
  usage.getUsage,
  stream.streamDeltas,
  checkpoints.takeCheckpoint,
  checkpoints.listCheckpoints,
  writes.acceptWrites,
  writes.readBucket,
  facts.acceptFact,
  facts.getFact,
  facts.verifyFact,
  publicLog.getLogCheckpoint,
  publicLog.getLogKey,
  publicLog.getLogTile,
  publicLog.getLogConsistency,
  verify.verifyRoot,
  webhooks.listDeliveries,
  webhooks.retryDelivery,
  webhooks.listenEvents,
]

/** What of the Balance API a plane answers to the control plane too, for the Dashboard API. */
export const ledgerViewEndpoints: readonly EndpointShape[] = [
  ledger.listCustomers,
  customers.getCustomersSummary,
  customers.getCustomer,
  ledger.deriveBalance,
  receipts.getReceipt,
  checkpoints.listCheckpoints,
  checkpoints.takeCheckpoint,
  compare.compareBalances,
  ledger.getDelta,
].map((endpoint) => ledgerView(endpoint))

export const planeInternalEndpoints: readonly EndpointShape[] = [
  plane.provisionTenant,
  plane.getPlaneTenant,
  plane.setEntitlement,
  plane.setPublicRecords,
  plane.createPlaneKey,
  plane.listPlaneKeys,
  plane.getPlaneKey,
  plane.updatePlaneKey,
  plane.rotatePlaneKey,
  plane.revokePlaneKey,
  plane.getPlaneUsage,
  plane.listHighUsage,
  planeWebhooks.createPlaneWebhook,
  planeWebhooks.listPlaneWebhooks,
  planeWebhooks.getPlaneWebhook,
  planeWebhooks.updatePlaneWebhook,
  planeWebhooks.deletePlaneWebhook,
  planeWebhooks.rotatePlaneWebhookSecret,
  planeWebhooks.testPlaneWebhook,
  planeWebhooks.listPlaneWebhookDeliveries,
  planeWebhooks.retryPlaneWebhookDelivery,
  planeWebhooks.recoverPlaneWebhook,
  planeWebhooks.listWebhookNotices,
  planeWebhooks.confirmWebhookNotices,
  planeDeltas.listPlaneDeltas,
  planeCustomers.createPlaneCustomer,
  planeHistory.getPlaneHistory,
  planeVerification.getPlaneVerification,
  ...ledgerViewEndpoints,
]
