import type { Member } from '../api/members.ts'
import { hasRole, type Me } from '../api/session.ts'

/** A role's name and what it adds to the one before it (product.md §4 "Roles"), least first. */
export const roleMeanings: readonly { readonly role: Me['role']; readonly meaning: string }[] = [
  { role: 'viewer', meaning: 'sees everything, changes nothing' },
  { role: 'developer', meaning: 'also Sandbox keys, webhooks, customers and checkpoints' },
  { role: 'admin', meaning: 'also Production keys, environments and the team' },
  { role: 'owner', meaning: 'also billing and owners' },
]

type Actor = Pick<Me, 'id' | 'role'>

/** The roles that somebody may give, least first. Owners are made by owners. */
export function rolesToGive({ role }: Pick<Me, 'role'>): readonly Me['role'][] {
  return roleMeanings.map((one) => one.role).filter((one) => one !== 'owner' || role === 'owner')
}

/** Why somebody may not invite; undefined = they may. The server decides: definition/team.ts. */
export function whyNotInvite(me: Pick<Me, 'role' | 'isVerified'>): string | undefined {
  if (!hasRole(me, 'admin')) return 'People are invited by admins and owners.'
  return me.isVerified ? undefined : 'Verify your e-mail address first: the link is in your mailbox.'
}

/** Why somebody may not give this member another role. The server decides: update-member.ts. */
export function whyNotChangeRole(
  me: Actor,
  member: Pick<Member, 'id' | 'role'>,
  members: readonly Pick<Member, 'id' | 'role'>[],
): string | undefined {
  if (!hasRole(me, 'admin')) return 'Roles are changed by admins and owners.'
  if (member.role === 'owner' && me.role !== 'owner') return 'An owner is changed by owners.'
  return isLastOwner(member, members)
    ? 'The last owner stays one. Make somebody else an owner first.'
    : undefined
}

/** Why somebody may not remove this member, or leave where it is they. The server decides: remove-member.ts. */
export function whyNotRemove(
  me: Actor,
  member: Pick<Member, 'id' | 'role'>,
  members: readonly Pick<Member, 'id' | 'role'>[],
): string | undefined {
  const isSelf = member.id === me.id
  if (!isSelf && !hasRole(me, 'admin')) return 'Members are removed by admins and owners.'
  if (member.role === 'owner' && me.role !== 'owner') return 'An owner is removed by owners.'
  return isLastOwner(member, members)
    ? 'The last owner cannot leave. Make somebody else an owner first.'
    : undefined
}

function isLastOwner(
  member: Pick<Member, 'id' | 'role'>,
  members: readonly Pick<Member, 'id' | 'role'>[],
): boolean {
  return member.role === 'owner' && !members.some((one) => one.role === 'owner' && one.id !== member.id)
}
