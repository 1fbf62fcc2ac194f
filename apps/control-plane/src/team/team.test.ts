import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { getMe, login, register } from '@pacspace/api/definition/accounts'
import {
  acceptInvitation,
  createInvitation,
  listInvitations,
  listTeam,
  removeMember,
  revokeInvitation,
  updateMember,
} from '@pacspace/api/definition/team'
import type { Role } from '@pacspace/api/endpoint'
import { inviterRule } from '../accounts/throttle.ts'
import {
  GOOD_PASSWORD,
  registration,
  TestControlPlane,
  type TestUser,
} from '../testing/test-control-plane.ts'

const DAY_MS = 24 * 60 * 60 * 1000

let plane: TestControlPlane
let owner: TestUser
before(async () => {
  plane = await TestControlPlane.start()
  owner = await plane.account()
})
after(() => plane[Symbol.asyncDispose]())

let count = 0
const freshEmail = () => `guest${++count}@example.com`

const invite = (by: TestUser, email: string, role: Role = 'developer') =>
  plane.client.call(createInvitation, { token: by.token, body: { email, role } })

/** Invites and gives the token that was mailed. */
async function mailedInvitation(by: TestUser, email: string, role: Role = 'developer'): Promise<string> {
  assert.equal((await invite(by, email, role)).status, 201)
  await plane.runJobs()
  return plane.mailedToken(email)
}

const registerWith = (invitationToken: string, email: string) => {
  const { companyName: _none, ...names } = registration({ email })
  return plane.client.call(register, { body: { ...names, invitationToken } })
}

const members = async (by: TestUser) =>
  (await plane.client.succeed(listTeam, { token: by.token })).members.map(({ id, role }) => [id, role])

const setRole = (by: TestUser, userId: string, role: Role) =>
  plane.client.call(updateMember, { token: by.token, params: { userId }, body: { role } })

const remove = (by: TestUser, userId: string) =>
  plane.client.call(removeMember, { token: by.token, params: { userId } })

const accept = (by: TestUser, token: string) =>
  plane.client.call(acceptInvitation, { token: by.token, body: { token } })

describe('invitations', () => {
  test('somebody new registers with the mailed token and is in the tenant, with the role', async () => {
    const host = await plane.account()
    const email = freshEmail()
    const { data: invitation } = await invite(host, email, 'admin')
    assert.deepEqual(
      { ...invitation, id: 'inv', createdAt: 0, expiresAt: 0 },
      { id: 'inv', email, role: 'admin', invitedBy: 'Jane Doe', createdAt: 0, expiresAt: 0 },
    )
    assert.equal(Date.parse(invitation.expiresAt) - Date.parse(invitation.createdAt), 7 * DAY_MS)
    const { invitations } = await plane.client.succeed(listInvitations, { token: host.token })
    assert.deepEqual(invitations, [invitation])
    await plane.runJobs()
    const mail = plane.mails.findLast(({ to }) => to === email)
    assert.match(mail?.links[0] ?? '', /^https:\/\/pacspace\.test\/accept-invitation\?token=[\w-]{43}$/)
    assert.match(mail?.text ?? '', /Jane Doe invites you to join Northwind on PacSpace as admin\./)

    const answer = await registerWith(plane.mailedToken(email), email)
    assert.equal(answer.status, 201)
    assert.equal(answer.data.tenantId, host.tenantId)
    assert.equal(answer.data.isVerified, false)
    assert.deepEqual(await members(host), [
      [host.userId, 'owner'],
      [answer.data.id, 'admin'],
    ])
    assert.deepEqual((await plane.client.succeed(listInvitations, { token: host.token })).invitations, [])
    const actions = await plane.actionsOf(host.tenantId)
    assert.deepEqual(actions.slice(-2), ['member.invited', 'member.joined'])
    assert.equal(await plane.count('tenant_plan', 'tenant_id = $1', [host.tenantId]), 1)
  })

  test('somebody with an account moves over, leaves their tenant, and has to log in again', async () => {
    const host = await plane.account()
    const guest = await plane.join(await plane.account(), 'admin')
    const answer = await accept(guest, await mailedInvitation(host, guest.email, 'viewer'))
    assert.deepEqual(answer.data, { tenantId: host.tenantId, companyName: 'Northwind', role: 'viewer' })
    await plane.client.refuse(getMe, 'INVALID_TOKEN', { token: guest.token })
    const { token } = await plane.client.succeed(login, {
      body: { email: guest.email, password: GOOD_PASSWORD },
    })
    const me = await plane.client.succeed(getMe, { token })
    assert.deepEqual([me.tenant.id, me.role], [host.tenantId, 'viewer'])
    assert.equal((await plane.actionsOf(guest.tenantId)).at(-1), 'member.left')
    assert.ok((await plane.actionsOf(host.tenantId)).includes('member.joined'))
  })

  test('LAST_OWNER: the only owner of a tenant cannot move away, and the invitation stays open', async () => {
    const [host, guest] = [await plane.account(), await plane.account()]
    const token = await mailedInvitation(host, guest.email)
    assert.equal((await accept(guest, token)).problem?.code, 'LAST_OWNER')
    assert.equal((await plane.client.succeed(getMe, { token: guest.token })).tenant.id, guest.tenantId)
    const { data } = await invite(guest, freshEmail(), 'owner')
    assert.ok(data.id)
    assert.equal((await plane.client.succeed(listInvitations, { token: host.token })).invitations.length, 1)
  })

  test('INVALID_INVITATION for another address, a used, replaced, withdrawn or expired token, or none of ours', async () => {
    const [host, stranger] = [await plane.account(), await plane.account()]
    const refused = async (token: string, email: string) => {
      assert.equal((await registerWith(token, email)).problem?.code, 'INVALID_INVITATION')
      assert.equal(await plane.count('tenant_user', 'email = $1', [email]), 0)
    }
    const email = freshEmail()
    const first = await mailedInvitation(host, email)
    await refused(first, freshEmail())
    assert.equal((await accept(stranger, first)).problem?.code, 'INVALID_INVITATION')
    await refused('x', email)
    const second = await mailedInvitation(host, email, 'viewer')
    await refused(first, email)
    assert.equal((await registerWith(second, email)).status, 201)
    await refused(second, freshEmail())

    const withdrawn = freshEmail()
    const { data } = await invite(host, withdrawn)
    await plane.runJobs()
    const params = { invitationId: data.id }
    await plane.client.succeed(revokeInvitation, { token: host.token, params })
    await refused(plane.mailedToken(withdrawn), withdrawn)
    await plane.client.refuse(revokeInvitation, 'NOT_FOUND', { token: host.token, params })

    const late = freshEmail()
    const token = await mailedInvitation(host, late)
    plane.clock.advance(7 * DAY_MS)
    await refused(token, late)
    owner = await plane.account()
  })

  test('an invitation withdrawn before its mail is sent is not mailed', async () => {
    const email = freshEmail()
    const { data } = await invite(owner, email)
    await plane.client.succeed(revokeInvitation, { token: owner.token, params: { invitationId: data.id } })
    await plane.runJobs()
    assert.deepEqual(plane.subjectsTo(email), [])
  })

  test('A-3 registering a taken address with an invitation changes nothing and spends nothing', async () => {
    const [host, guest] = [await plane.account(), await plane.account()]
    const token = await mailedInvitation(host, guest.email)
    const answer = await registerWith(token, guest.email)
    assert.equal(answer.status, 201)
    assert.equal(answer.data.tenantId, host.tenantId)
    assert.notEqual(answer.data.id, guest.userId)
    assert.deepEqual(await members(host), [[host.userId, 'owner']])
    await plane.runJobs()
    assert.equal(plane.subjectsTo(guest.email).at(-1), 'You already have a PacSpace account')
    assert.equal((await plane.client.succeed(listInvitations, { token: host.token })).invitations.length, 1)
  })

  test('VALIDATION_ERROR unless exactly one of company and invitation is named', async () => {
    const token = await mailedInvitation(owner, freshEmail())
    for (const other of [{ companyName: undefined }, { invitationToken: token }]) {
      const { details } = await plane.client.refuse(register, 'VALIDATION_ERROR', {
        body: registration({ email: freshEmail(), ...other }),
      })
      assert.equal(details[0]?.path, '/companyName')
    }
  })

  test('ALREADY_MEMBER for inviting, and accepting as, a member', async () => {
    const host = await plane.account()
    const member = await plane.join(host, 'viewer')
    assert.equal((await invite(host, ` ${member.email.toUpperCase()} `)).problem?.code, 'ALREADY_MEMBER')
    const token = await mailedInvitation(host, freshEmail())
    await plane.owner.query(
      'update invitation set email_key = $2 where ended_at is null and tenant_id = $1',
      [host.tenantId, member.email],
    )
    assert.equal((await accept(member, token)).problem?.code, 'ALREADY_MEMBER')
  })

  test('RATE_LIMITED when a tenant, or an address, is mailed too often', async () => {
    const host = await plane.account()
    const email = freshEmail()
    for (let i = 0; i < 10; i++) assert.equal((await invite(host, email)).status, 201)
    assert.equal((await invite(host, email)).problem?.code, 'RATE_LIMITED')
    await plane.owner.query('update throttle set attempts = 49 where key = $1', [
      inviterRule(host.tenantId).key,
    ])
    assert.equal((await invite(host, freshEmail())).status, 201)
    assert.equal((await invite(host, freshEmail())).problem?.code, 'RATE_LIMITED')
  })

  test('K12 names in the mail are inert, in text and in HTML', async () => {
    const host = await plane.account()
    await plane.owner.query('update tenant set company_name = $2 where id = $1', [
      host.tenantId,
      '<b>Win</b> at https://evil.example\r\nBcc: x@y.z',
    ])
    const email = freshEmail()
    await mailedInvitation(host, email)
    const mail = plane.mails.findLast(({ to }) => to === email)
    assert.doesNotMatch(`${mail?.subject}${mail?.text}${mail?.html}`, /evil|Bcc|<b>/)
    assert.match(mail?.text ?? '', /join their company on PacSpace/)
  })
})

describe('roles', () => {
  test('a change ends the sessions of the member and tells them by mail (A-14)', async () => {
    const host = await plane.account()
    const member = await plane.join(host, 'viewer')
    const answer = await setRole(host, member.userId, 'developer')
    assert.deepEqual(
      [answer.data.id, answer.data.role, answer.data.name],
      [member.userId, 'developer', 'Jane Doe'],
    )
    await plane.client.refuse(getMe, 'INVALID_TOKEN', { token: member.token })
    await plane.runJobs()
    const mail = plane.mails.findLast(({ to }) => to === member.email)
    assert.match(mail?.text ?? '', /Your role at Northwind is now developer; it was viewer\./)
    const { rows } = await plane.owner.query<{ details: object }>(
      `select details from audit_entry where tenant_id = $1 and action = 'member.role_changed'`,
      [host.tenantId],
    )
    assert.deepEqual(rows, [{ details: { oldRole: 'viewer', newRole: 'developer' } }])
  })

  test('the role they have already changes nothing and ends nothing', async () => {
    const host = await plane.account()
    const member = await plane.join(host, 'viewer')
    assert.equal((await setRole(host, member.userId, 'viewer')).status, 200)
    await plane.client.succeed(getMe, { token: member.token })
    assert.ok(!(await plane.actionsOf(host.tenantId)).includes('member.role_changed'))
  })

  test('INSUFFICIENT_PERMISSION: what is about owners takes an owner', async () => {
    const host = await plane.account()
    const [admin, second] = [await plane.join(host, 'admin'), await plane.join(host, 'viewer')]
    const { data: open } = await invite(host, freshEmail(), 'owner')
    const attempts = [
      () => setRole(admin, host.userId, 'viewer'),
      () => setRole(admin, second.userId, 'owner'),
      () => remove(admin, host.userId),
      () => invite(admin, freshEmail(), 'owner'),
      () => plane.client.call(revokeInvitation, { token: admin.token, params: { invitationId: open.id } }),
      () => remove(second, admin.userId),
    ]
    for (const attempt of attempts) {
      assert.equal((await attempt()).problem?.code, 'INSUFFICIENT_PERMISSION', String(attempt))
    }
    assert.deepEqual(await members(host), [
      [host.userId, 'owner'],
      [admin.userId, 'admin'],
      [second.userId, 'viewer'],
    ])
    assert.equal((await setRole(admin, second.userId, 'admin')).status, 200)
  })

  test('NOT_FOUND for a stranger', async () => {
    const stranger = await plane.account()
    for (const attempt of [setRole(owner, stranger.userId, 'viewer'), remove(owner, stranger.userId)]) {
      assert.equal((await attempt).problem?.code, 'NOT_FOUND')
    }
    await plane.client.succeed(getMe, { token: stranger.token })
  })
})

describe('LAST_OWNER', () => {
  test('the last owner can neither leave nor take a lower role', async () => {
    const host = await plane.account()
    await plane.join(host, 'admin')
    assert.equal((await remove(host, host.userId)).problem?.code, 'LAST_OWNER')
    assert.equal((await setRole(host, host.userId, 'admin')).problem?.code, 'LAST_OWNER')
    assert.equal((await members(host))[0]?.[1], 'owner')
  })

  test('of two owners who leave at the same moment one stays', async () => {
    const host = await plane.account()
    const second = await plane.join(host, 'owner')
    const attempts = await Promise.all([
      remove(host, host.userId),
      remove(second, second.userId),
      setRole(host, second.userId, 'viewer'),
      setRole(second, host.userId, 'viewer'),
    ])
    const owners = `tenant_id = $1 and role = 'owner' and removed_at is null`
    assert.equal(await plane.count('tenant_user', owners, [host.tenantId]), 1)
    assert.ok(attempts.some(({ problem }) => problem !== undefined))
  })
})

describe('removal', () => {
  test('ends sessions and log-in, frees the address, keeps the name for the activity log (A-14)', async () => {
    const host = await plane.account()
    const member = await plane.join(host, 'developer')
    const answer = await remove(host, member.userId)
    assert.equal(answer.data.id, member.userId)
    await plane.client.refuse(getMe, 'INVALID_TOKEN', { token: member.token })
    await plane.client.refuse(login, 'INVALID_CREDENTIALS', {
      body: { email: member.email, password: GOOD_PASSWORD },
    })
    assert.deepEqual(await members(host), [[host.userId, 'owner']])
    await plane.runJobs()
    assert.equal(plane.subjectsTo(member.email).at(-1), 'You were removed from a PacSpace team')
    assert.equal((await plane.actionsOf(host.tenantId)).at(-1), 'member.removed')
    const again = await plane.account({ email: member.email })
    assert.notEqual(again.userId, member.userId)
    assert.notEqual(again.tenantId, host.tenantId)
  })

  test('anybody but the last owner may leave', async () => {
    const host = await plane.account()
    const member = await plane.join(host, 'viewer')
    const answer = await remove(member, member.userId)
    assert.match(answer.headers.getSetCookie()[0] ?? '', /Max-Age=0/)
    await plane.client.refuse(getMe, 'INVALID_TOKEN', { token: member.token })
    assert.equal((await plane.actionsOf(host.tenantId)).at(-1), 'member.left')
  })
})
