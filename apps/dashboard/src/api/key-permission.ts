import type { Environment } from '@pacspace/api/environment'
import { hasRole, type Me } from './session.ts'

/** Why somebody may not create a key of an environment; undefined = may. Mirrors apps/control-plane/src/keys/create-api-key.ts. */
export function whyNotCreateKey(me: Me, environment: Environment): string | undefined {
  if (!me.isVerified) return 'Verify your e-mail address first: the link is in your mailbox.'
  if (environment === 'sandbox') {
    return hasRole(me, 'developer') ? undefined : 'Your role may only look. Ask an admin.'
  }
  return hasRole(me, 'admin') ? undefined : 'Production keys are made by admins and owners.'
}
