import type { Environment } from '@pacspace/api/environment'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useLocation, useNavigate } from '@tanstack/react-router'
import { Lock } from 'lucide-react'
import { call } from '../api/client.ts'
import { updatePreferences } from '../api/endpoints.gen.ts'
import { productionLock, useEnvironment } from '../api/environment.ts'
import { meQuery, useMe } from '../api/session.ts'
import { pathInEnvironment, paths } from '../paths.ts'
import { classes } from '../ui/classes.ts'

const names: Readonly<Record<Environment, string>> = { sandbox: 'Sandbox', production: 'Production' }
const chosen: Readonly<Record<Environment, string>> = {
  sandbox: 'bg-sandbox-bg text-sandbox-text border-sandbox-line',
  production: 'bg-production-bg text-production-text border-production-line',
}
const lockTexts = {
  plan: 'Your plan has no Production. Upgrade to unlock it.',
  activation: 'Production is included in your plan and not activated yet. Activate it in Settings.',
} as const

/**
 * Sandbox or Production, on every page. The choice is kept on the account, so it holds on every device. A locked Production
 * says why, and leads to where it is unlocked.
 */
export function EnvironmentToggle() {
  const me = useMe()
  const environment = useEnvironment()
  const navigate = useNavigate()
  const { pathname } = useLocation()
  const queryClient = useQueryClient()
  const lock = productionLock(me)
  const remember = useMutation({
    mutationFn: (preferredEnvironment: Environment) =>
      call(updatePreferences, { body: { preferredEnvironment } }),
    onSettled: () => queryClient.invalidateQueries({ queryKey: meQuery.queryKey }),
  })
  const choose = (next: Environment) => {
    if (next === environment) return
    if (next === 'production' && lock !== undefined) {
      void navigate({ to: lock === 'plan' ? paths.billing('sandbox') : paths.settings('sandbox') })
      return
    }
    remember.mutate(next)
    void navigate({ to: pathInEnvironment(pathname, next) })
  }
  return (
    <fieldset className="flex rounded-[8px] border border-line-strong bg-page p-0.5">
      <legend className="sr-only">Environment</legend>
      {(['sandbox', 'production'] as const).map((one) => {
        const isLocked = one === 'production' && lock !== undefined
        return (
          <button
            key={one}
            type="button"
            aria-pressed={one === environment}
            title={isLocked ? lockTexts[lock] : undefined}
            onClick={() => choose(one)}
            className={classes(
              'inline-flex min-h-8 items-center gap-1.5 rounded-[6px] border px-2.5 text-[13px] font-medium',
              one === environment ? chosen[one] : 'border-transparent text-ink-soft hover:text-ink',
            )}
          >
            {isLocked && <Lock size={13} aria-hidden />}
            {names[one]}
            {isLocked && <span className="sr-only">(locked: {lockTexts[lock]})</span>}
          </button>
        )
      })}
    </fieldset>
  )
}
