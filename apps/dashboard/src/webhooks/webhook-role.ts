import { hasRole, type Me } from '../api/session.ts'

/** Why somebody may not change webhooks; undefined = they may. The server decides: definition/webhooks.ts. */
export function whyNotChange(me: Pick<Me, 'role'>): string | undefined {
  return hasRole(me, 'developer') ? undefined : 'Your role may only look. Ask an admin.'
}
