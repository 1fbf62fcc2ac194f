import { type Role, roles } from '@pacspace/api/endpoint'
import { type Environment, spelling } from '@pacspace/api/environment'
import { Problem } from '@pacspace/api/problem'

/** Who may create and revoke keys of an environment (product.md §4, roles): developers Sandbox keys, admins live ones. */
const ROLE_FOR: Readonly<Record<Environment, Role>> = { sandbox: 'developer', production: 'admin' }

/** Whether a role may create and revoke keys of an environment. */
export function mayHandleKeysOf(environment: Environment, role: Role): boolean {
  return roles.indexOf(role) >= roles.indexOf(ROLE_FOR[environment])
}

/** Raises INSUFFICIENT_PERMISSION, naming the role it takes. */
export function requireRoleFor(environment: Environment, role: Role): void {
  if (mayHandleKeysOf(environment, role)) return
  throw new Problem('INSUFFICIENT_PERMISSION', {
    message: `${spelling[environment].title} keys need the role ${ROLE_FOR[environment]} or above.`,
  })
}
