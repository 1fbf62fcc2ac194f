import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Role, roles } from '@pacspace/api/endpoint'
import type { Member } from '../api/members.ts'
import { roleMeanings, rolesToGive, whyNotChangeRole, whyNotInvite, whyNotRemove } from './team-rights.ts'

const person = (id: string, role: Role) => ({ id: `usr_${id}` as Member['id'], role }) // a test's own id
const owner = person('o', 'owner')
const second = person('p', 'owner')
const admin = person('a', 'admin')
const developer = person('d', 'developer')
const viewer = person('v', 'viewer')

describe('what the team page offers', () => {
  test('every role has a meaning, and only owners give the owner role', () => {
    assert.deepEqual(new Set(roleMeanings.map(({ role }) => role)), new Set(roles))
    assert.ok(rolesToGive(owner).includes('owner'))
    for (const one of [admin, developer, viewer]) assert.ok(!rolesToGive(one).includes('owner'))
  })

  test('admins with a verified address invite', () => {
    const may = (role: Role, isVerified: boolean) => whyNotInvite({ role, isVerified }) === undefined
    assert.deepEqual(roles.filter((role) => may(role, true)).sort(), ['admin', 'owner'])
    assert.ok(!may('owner', false))
  })

  test('owners are changed by owners, everybody else by admins, and the last owner by nobody', () => {
    const members = [owner, second, admin, developer, viewer]
    const may = (me: typeof owner, member: typeof owner, of = members) =>
      whyNotChangeRole(me, member, of) === undefined
    assert.ok(may(owner, second))
    assert.ok(may(admin, developer))
    assert.ok(!may(admin, owner))
    assert.ok(!may(developer, viewer))
    assert.ok(!may(viewer, viewer))
    assert.ok(!may(owner, owner, [owner, admin]))
  })

  test('everybody may leave but the last owner; others are removed by admins, owners by owners', () => {
    const members = [owner, second, admin, developer, viewer]
    const may = (me: typeof owner, member: typeof owner, of = members) =>
      whyNotRemove(me, member, of) === undefined
    for (const one of members) assert.ok(may(one, one), one.role)
    assert.ok(!may(owner, owner, [owner, admin, viewer]))
    assert.ok(may(admin, viewer))
    assert.ok(!may(admin, owner))
    assert.ok(!may(developer, viewer))
    assert.ok(may(owner, second))
  })
})
