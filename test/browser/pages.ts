import { CUSTOMER, type FilledTenant, RECEIVER } from './filled-tenant.ts'

/** How one page of the dashboard is reached with data on it. */
export interface PageEntry {
  /** Its address; `environment` as the URL spells it. */
  readonly path: (filled: FilledTenant, environment: 'sandbox' | 'production') => string
  /** Its `h1`, once it shows what it has. */
  readonly heading: string | RegExp
  /** True for a page that needs no log-in: it is opened without one. */
  readonly isPublic?: true
}

/**
 * Every route of the dashboard by its path in `src/router.tsx`. A page that is not listed fails `routes.test.ts`, and one
 * that is listed is held to what every page must hold.
 */
export const pages: Readonly<Record<string, PageEntry>> = {
  '/': { path: () => '/', heading: 'Overview' },
  '/login': { path: () => '/login', heading: 'Log in', isPublic: true },
  '/sign-up': { path: () => '/sign-up', heading: 'Create an account', isPublic: true },
  '/verify-email': {
    path: () => '/verify-email?token=of-a-mail',
    heading: 'Verify your e-mail address',
    isPublic: true,
  },
  '/forgot-password': { path: () => '/forgot-password', heading: 'Forgot your password?', isPublic: true },
  '/reset-password': {
    path: () => '/reset-password?token=of-a-mail',
    heading: 'Choose a new password',
    isPublic: true,
  },
  '/accept-invitation': {
    path: () => '/accept-invitation?token=of-a-mail',
    heading: 'Join a team',
    isPublic: true,
  },
  '/verify': { path: () => '/verify', heading: 'Verify a proof file', isPublic: true },
  '/verify/$proofRoot': {
    path: ({ receiptIds }, environment) => `/verify/${receiptIds[environment]}`,
    heading: 'Verify a proof root',
    isPublic: true,
  },
  '/$environment/': { path: (_, environment) => `/${environment}`, heading: 'Overview' },
  '/$environment/quick-start': {
    path: (_, environment) => `/${environment}/quick-start`,
    heading: 'Quick start',
  },
  '/$environment/api-keys': { path: (_, environment) => `/${environment}/api-keys`, heading: 'API keys' },
  '/$environment/customers': {
    path: (_, environment) => `/${environment}/customers`,
    heading: 'Customers',
  },
  '/$environment/customers/$customerId': {
    path: (_, environment) => `/${environment}/customers/${CUSTOMER}`,
    heading: CUSTOMER,
  },
  '/$environment/compare': { path: (_, environment) => `/${environment}/compare`, heading: 'Compare' },
  '/$environment/checkpoints': {
    path: (_, environment) => `/${environment}/checkpoints`,
    heading: 'Checkpoints',
  },
  '/$environment/checkpoints/close': {
    path: (_, environment) => `/${environment}/checkpoints/close`,
    heading: 'Close a month',
  },
  '/$environment/deltas': { path: (_, environment) => `/${environment}/deltas`, heading: 'Deltas' },
  '/$environment/deltas/$recordId': {
    path: ({ recordIds }, environment) => `/${environment}/deltas/${recordIds[environment]}`,
    heading: 'Delta',
  },
  '/$environment/activity': { path: (_, environment) => `/${environment}/activity`, heading: 'Activity' },
  '/$environment/webhooks': { path: (_, environment) => `/${environment}/webhooks`, heading: 'Webhooks' },
  '/$environment/webhooks/$webhookId': {
    path: ({ webhookIds }, environment) => `/${environment}/webhooks/${webhookIds[environment]}`,
    heading: RECEIVER,
  },
  '/$environment/team': { path: (_, environment) => `/${environment}/team`, heading: 'Team' },
  '/$environment/billing': {
    path: (_, environment) => `/${environment}/billing`,
    heading: 'Usage & billing',
  },
  '/$environment/api-reference': {
    path: (_, environment) => `/${environment}/api-reference`,
    heading: 'API reference',
  },
  '/$environment/api-reference/$operationId': {
    path: (_, environment) => `/${environment}/api-reference/emitDelta`,
    heading: 'POST /api/v1/balance/delta',
  },
  '/$environment/settings': { path: (_, environment) => `/${environment}/settings`, heading: 'Settings' },
}
