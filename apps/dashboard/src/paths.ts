import type { Environment } from '@pacspace/api/environment'

/**
 * Every address of the dashboard, in one place. Pages about an environment's data carry it in front: the address alone says
 * whose data is on screen.
 */
export const paths = {
  /** Open to anybody who holds a root. */
  publicVerify: (proofRoot: string) => `/verify/${proofRoot}`,
  login: () => '/login',
  signUp: () => '/sign-up',
  forgotPassword: () => '/forgot-password',
  acceptInvitation: () => '/accept-invitation',
  verify: () => '/verify',
  verifyRoot: (proofRoot: string) => `/verify/${encodeURIComponent(proofRoot)}`,
  overview: (environment: Environment) => `/${environment}`,
  quickStart: (environment: Environment) => `/${environment}/quick-start`,
  customers: (environment: Environment) => `/${environment}/customers`,
  customer: (environment: Environment, customerId: string) =>
    `/${environment}/customers/${encodeURIComponent(customerId)}`,
  deltas: (environment: Environment) => `/${environment}/deltas`,
  delta: (environment: Environment, recordId: string) =>
    `/${environment}/deltas/${encodeURIComponent(recordId)}`,
  compare: (environment: Environment) => `/${environment}/compare`,
  checkpoints: (environment: Environment) => `/${environment}/checkpoints`,
  monthClose: (environment: Environment) => `/${environment}/checkpoints/close`,
  keys: (environment: Environment) => `/${environment}/api-keys`,
  webhooks: (environment: Environment) => `/${environment}/webhooks`,
  webhook: (environment: Environment, id: string) => `/${environment}/webhooks/${encodeURIComponent(id)}`,
  team: (environment: Environment) => `/${environment}/team`,
  activity: (environment: Environment) => `/${environment}/activity`,
  apiReference: (environment: Environment) => `/${environment}/api-reference`,
  apiOperation: (environment: Environment, id: string) =>
    `/${environment}/api-reference/${encodeURIComponent(id)}`,
  billing: (environment: Environment) => `/${environment}/billing`,
  settings: (environment: Environment) => `/${environment}/settings`,
} as const

/** The same page in the other environment: data of one thing has no twin there, so its list is shown. */
export function pathInEnvironment(pathname: string, environment: Environment): string {
  const [, , section = ''] = pathname.split('/')
  return section === '' ? paths.overview(environment) : `/${environment}/${section}`
}
