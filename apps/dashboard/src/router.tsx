import type { QueryClient } from '@tanstack/react-query'
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router'
import { workingEnvironment } from './api/environment.ts'
import { meQuery } from './api/session.ts'
import { AppFrame } from './frame/AppFrame.tsx'
import { NotFoundPage } from './frame/NotFoundPage.tsx'
import { RouteError } from './frame/RouteError.tsx'
import { paths } from './paths.ts'
import { Skeleton } from './ui/States.tsx'

interface RouterContext {
  readonly queryClient: QueryClient
}

const root = createRootRouteWithContext<RouterContext>()({ component: Outlet })

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: async ({ context }) => {
    const me = await context.queryClient.ensureQueryData(meQuery)
    throw redirect({
      to: me === null ? paths.login() : paths.overview(workingEnvironment(me)),
      replace: true,
    })
  },
})

/** Pages that nobody has to be logged in for. */
const publicPages = [
  open('/login', () => import('./accounts/LoginPage.tsx'), 'LoginPage'),
  open('/sign-up', () => import('./accounts/SignUpPage.tsx'), 'SignUpPage'),
  open('/verify-email', () => import('./accounts/VerifyEmailPage.tsx'), 'VerifyEmailPage'),
  open('/forgot-password', () => import('./accounts/ForgotPasswordPage.tsx'), 'ForgotPasswordPage'),
  open('/reset-password', () => import('./accounts/ResetPasswordPage.tsx'), 'ResetPasswordPage'),
  open('/accept-invitation', () => import('./accounts/AcceptInvitationPage.tsx'), 'AcceptInvitationPage'),
  open('/verify', () => import('./verify/VerifyFilePage.tsx'), 'VerifyFilePage'),
  open('/verify/$proofRoot', () => import('./verify/VerifyRootPage.tsx'), 'VerifyRootPage'),
]

const app = createRoute({
  getParentRoute: () => root,
  path: '/$environment',
  beforeLoad: async ({ context, params, location }) => {
    if (params.environment !== 'sandbox' && params.environment !== 'production') throw redirect({ to: '/' })
    const me = await context.queryClient.ensureQueryData(meQuery)
    if (me === null) throw redirect({ to: paths.login(), search: { next: location.href }, replace: true })
    if (
      params.environment === 'production' &&
      workingEnvironment({ ...me, preferredEnvironment: 'production' }) !== 'production'
    ) {
      throw redirect({ to: paths.settings('sandbox'), replace: true })
    }
  },
  component: AppFrame,
})

/** Pages about an environment, or about the tenant as seen from one. */
const appPages = [
  page('/', () => import('./overview/OverviewPage.tsx'), 'OverviewPage'),
  page('/quick-start', () => import('./quick-start/QuickStartPage.tsx'), 'QuickStartPage'),
  page('/customers', () => import('./customers/CustomersPage.tsx'), 'CustomersPage'),
  page('/customers/$customerId', () => import('./customers/CustomerPage.tsx'), 'CustomerPage'),
  page('/deltas', () => import('./deltas/DeltasPage.tsx'), 'DeltasPage'),
  page('/deltas/$recordId', () => import('./deltas/DeltaPage.tsx'), 'DeltaPage'),
  page('/compare', () => import('./compare/ComparePage.tsx'), 'ComparePage'),
  page('/checkpoints', () => import('./checkpoints/CheckpointsPage.tsx'), 'CheckpointsPage'),
  page('/checkpoints/close', () => import('./checkpoints/MonthClosePage.tsx'), 'MonthClosePage'),
  page('/billing', () => import('./billing/BillingPage.tsx'), 'BillingPage'),
  page('/settings', () => import('./settings/SettingsPage.tsx'), 'SettingsPage'),
  page('/api-keys', () => import('./keys/KeysPage.tsx'), 'KeysPage'),
  page('/webhooks', () => import('./webhooks/WebhooksPage.tsx'), 'WebhooksPage'),
  page('/team', () => import('./team/TeamPage.tsx'), 'TeamPage'),
  page('/api-reference', () => import('./reference/ReferencePage.tsx'), 'ReferencePage'),
  page('/api-reference/$operationId', () => import('./reference/OperationPage.tsx'), 'OperationPage'),
  page('/activity', () => import('./activity/ActivityPage.tsx'), 'ActivityPage'),
  page('/webhooks/$webhookId', () => import('./webhooks/WebhookPage.tsx'), 'WebhookPage'),
]

function open<Name extends string, Module extends Record<Name, React.ComponentType>>(
  path: string,
  load: () => Promise<Module>,
  name: Name,
) {
  return createRoute({ getParentRoute: () => root, path, component: lazyRouteComponent(load, name) })
}

function page<Name extends string, Module extends Record<Name, React.ComponentType>>(
  path: string,
  load: () => Promise<Module>,
  name: Name,
) {
  return createRoute({ getParentRoute: () => app, path, component: lazyRouteComponent(load, name) })
}

/** The dashboard's routes. Each page is loaded when it is first opened. */
export function createAppRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree: root.addChildren([home, ...publicPages, app.addChildren(appPages)]),
    context: { queryClient },
    defaultPreload: 'intent',
    defaultPendingComponent: () => <Skeleton lines={6} label="Loading the page" />,
    defaultErrorComponent: RouteError,
    defaultNotFoundComponent: NotFoundPage,
    scrollRestoration: true,
  })
}
