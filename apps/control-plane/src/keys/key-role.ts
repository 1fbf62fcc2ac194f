import { type Role, roles } from '@pacspace/api/endpoint'
import { type Environment, spelling } from '@pacspace/api/environment'
import { Problem } from '@pacspace/api/problem'

/** Who may create, change, rotate and revoke keys of an environment (product.md §4, roles). */
const ROLE_FOR: Readonly<Record<Environment, Role>> = { sandbox: 'developer', production: 'admin' }

/** Raises INSUFFICIENT_PERMISSION, naming the role it takes. */
export function requireRoleFor(environment: Environment, role: Role): void {
  if (roles.indexOf(role) >= roles.indexOf(ROLE_FOR[environment])) return
  throw new Problem('INSUFFICIENT_PERMISSION', {
    message: `${spelling[environment].title} keys need the role ${ROLE_FOR[environment]} or above.`,
  })
}
