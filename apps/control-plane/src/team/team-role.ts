import type { Role } from '@pacspace/api/endpoint'
import type { TenantId, UserId } from '@pacspace/api/id'
import { Problem } from '@pacspace/api/problem'
import type { Tx } from '@pacspace/service/postgres'
import { countOtherOwners, type MemberRow } from './team.sql.ts'

/** Owners are made, changed and removed by owners (product.md §4, roles). Raises INSUFFICIENT_PERMISSION. */
export function requireOwnerFor(actor: Role, ...concerned: readonly Role[]): void {
  if (actor !== 'owner' && concerned.includes('owner')) {
    throw new Problem('INSUFFICIENT_PERMISSION', {
      message: 'This call needs the role owner: it is about an owner.',
    })
  }
}

/** Raises LAST_OWNER if the tenant would be left without an owner. Call under `lockTeam`. */
export async function requireOtherOwner(
  tx: Tx,
  tenantId: TenantId,
  member: { readonly id: UserId; readonly role: Role },
): Promise<void> {
  if (member.role !== 'owner') return
  if ((await countOtherOwners(tx, tenantId, member.id)) === 0) throw new Problem('LAST_OWNER')
}

/** A member as answers show them. */
export function memberAnswer({ firstName, lastName, ...member }: MemberRow) {
  return { ...member, name: `${firstName} ${lastName}` }
}
