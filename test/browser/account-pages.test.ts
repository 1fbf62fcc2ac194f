import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { waitUntil } from '@pacspace/service/embedded-postgres/wait-until'
import { inBrowser } from './in-browser.ts'
import { settled } from './page-rules.ts'
import { newSignUp, Person } from './person.ts'

const DEADLINE_MS = 20_000

const browser = inBrowser()

describe('team', { skip: browser.skip }, () => {
  it(
    'somebody invited makes an account by the mailed link and stands in the team; the role can be changed',
    browser.test(async (visit) => {
      const owner = await visit.signUp({ companyName: 'Difference Ltd' })
      const guest = new Person(visit.stack, newSignUp({ firstName: 'Grace', lastName: 'Hopper' }))
      const page = await visit.open('/sandbox/team', owner)
      await page.getByRole('button', { name: 'Invite somebody' }).click()
      const form = page.getByRole('dialog', { name: 'Invite somebody' })
      await form.getByLabel('E-mail').fill(guest.signUp.email)
      await form.getByLabel('Role').selectOption('viewer')
      await form.getByRole('button', { name: 'Send the invitation' }).click()
      await page.getByRole('row', { name: new RegExp(guest.signUp.email) }).waitFor()

      const link = new URL(await guest.mailedLink('/accept-invitation'))
      const theirs = await visit.open(link.pathname + link.search)
      await theirs.getByLabel('First name').fill(guest.signUp.firstName)
      await theirs.getByLabel('Last name').fill(guest.signUp.lastName)
      await theirs.getByLabel('E-mail').fill(guest.signUp.email)
      await theirs.getByLabel('Password').fill(guest.signUp.password)
      await theirs.getByRole('button', { name: 'Create account and join' }).click()
      await settled(theirs, 'Overview')
      await theirs.getByText('Difference Ltd').first().waitFor()
      await theirs.goto('/sandbox/team')
      await theirs.getByText('changed by admins and owners').waitFor()
      assert.equal(await theirs.getByRole('button', { name: /^Change role/ }).count(), 0)

      await page.reload()
      const row = page.getByRole('row', { name: /Grace Hopper/ })
      await row.getByRole('button', { name: /^Change role/ }).click()
      await page.getByRole('dialog').getByLabel('Role').selectOption('developer')
      await page.getByRole('dialog').getByRole('button', { name: 'Change role' }).click()
      await page.getByRole('row', { name: /Grace Hopper.*developer/s }).waitFor()
      await theirs.reload()
      await settled(theirs, 'Log in')
    }),
  )

  it(
    'somebody with an account is told what moving over ends, and moves',
    browser.test(async (visit) => {
      const owner = await visit.signUp({ companyName: 'Difference Ltd' })
      const other = await visit.signUp({ companyName: 'Elsewhere' })
      const guest = await new Person(visit.stack, newSignUp()).joinTeamOf(other, 'admin')
      const spent = await guest.mailedLink('/accept-invitation')
      await owner.call('POST', '/team/invitations', { email: guest.signUp.email, role: 'viewer' })
      let link = new URL(spent)
      const hasCome = async () => {
        link = new URL(await guest.mailedLink('/accept-invitation'))
        return link.href !== spent
      }
      assert.ok(await waitUntil(hasCome, DEADLINE_MS), 'the second invitation is mailed')
      const page = await visit.open(link.pathname + link.search, guest)
      await page.getByText('Elsewhere').first().waitFor()
      await page.getByRole('button', { name: 'Accept and move over' }).click()
      await page.getByText('Difference Ltd').waitFor()
      const { members } = await owner.call('GET', '/team')
      assert.ok(members.some(({ email }: { email: string }) => email === guest.signUp.email))
    }),
  )
})

describe('activity', { skip: browser.skip }, () => {
  it(
    'an entry is proven in the browser as it is shown; one that was altered on its way is refused',
    browser.test(async (visit) => {
      const owner = await visit.signUp()
      await owner.createKey('sandbox', 'books')
      const page = await visit.open('/sandbox/activity?action=key.created', owner)
      await page.getByRole('link', { name: /created an API key/ }).click()
      await page.getByRole('button', { name: 'Check in this browser' }).click()
      await page.getByText('Proven: exactly this stands').waitFor()

      await page.route(/\/dashboard\/activity\?/, async (route) => {
        const answer = await route.fetch()
        await route.fulfill({ response: answer, body: (await answer.text()).replace('books', 'bribes') })
      })
      await page.reload()
      await page.getByText('bribes').first().waitFor()
      await page.getByRole('button', { name: 'Check in this browser' }).click()
      await page.getByText('What is shown here is not what the signed log holds.').waitFor()
      assert.equal(await page.getByText('Proven').count(), 0)
    }),
  )

  it(
    'the CSV has what the filters leave',
    browser.test(async (visit) => {
      const owner = await visit.signUp()
      await owner.createKey('sandbox', '=1+1')
      const page = await visit.open('/sandbox/activity', owner)
      await page.getByLabel('What').selectOption('key.created')
      await page.getByRole('link', { name: /created an API key/ }).waitFor()
      await page
        .getByRole('link', { name: /logged in/ })
        .first()
        .waitFor({ state: 'detached' })
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: 'Export CSV' }).click(),
      ])
      const lines = (await readFile(await file.path(), 'utf8')).trimEnd().split('\r\n')
      assert.equal(lines.length, 2)
      assert.match(lines[1] ?? '', /"key\.created","Ada Lovelace"/)
    }),
  )
})

describe('settings', { skip: browser.skip }, () => {
  it(
    'a new name is everywhere; signing out everywhere ends the session of another browser too',
    browser.test(async (visit) => {
      const owner = await visit.signUp()
      const elsewhere = await visit.open('/sandbox/settings', owner)
      await settled(elsewhere, 'Settings')
      const page = await visit.open('/sandbox/settings', owner)
      await page.getByLabel('Last name').fill('King')
      await page.getByRole('button', { name: 'Save the name' }).click()
      await page.getByText('Your name is Ada King now.').first().waitFor()
      await page.getByLabel('Company').fill('Countess & Co')
      await page.getByRole('button', { name: 'Save the settings' }).click()
      await page.getByRole('banner').getByText('Countess & Co').waitFor()
      assert.equal((await owner.call('GET', '/tenant')).companyName, 'Countess & Co')

      await page.getByRole('button', { name: 'Sign out everywhere' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Sign out everywhere' }).click()
      await settled(page, 'Log in')
      await elsewhere.reload()
      await settled(elsewhere, 'Log in')
    }),
  )
})

describe('API reference', { skip: browser.skip }, () => {
  it(
    'a route is found by words, and its command carries the public part of the own key',
    browser.test(async (visit) => {
      const owner = await visit.signUp()
      const key = await owner.createKey('sandbox')
      const page = await visit.open('/sandbox/api-reference', owner)
      await page.getByLabel('Find a route').fill('delta batch')
      await page.getByText('1 route', { exact: true }).waitFor()
      await page.getByRole('link', { name: /delta\/batch/ }).click()
      await settled(page, 'POST /api/v1/balance/delta/batch')
      await page.getByText(`${key.slice(0, key.indexOf('.'))}.SECRET`).waitFor()
      assert.ok(!(await page.content()).includes(key))
    }),
  )
})

describe('usage and billing', { skip: browser.skip }, () => {
  it(
    'a viewer sees usage and plans, and is told who changes them; the owner upgrades and cancels',
    browser.test(async (visit) => {
      const owner = await visit.signUp()
      const viewer = await new Person(visit.stack, newSignUp()).joinTeamOf(owner, 'viewer')
      const theirs = await visit.open('/sandbox/billing', viewer)
      const choose = theirs.getByRole('button', { name: /^Choose Pilot/ })
      await choose.and(theirs.getByTitle('The plan is changed by owners.')).waitFor()
      await theirs.getByText('0 % of 100 for life').waitFor()

      const page = await visit.open('/sandbox/billing', owner)
      await page.getByRole('button', { name: /^Choose Pilot/ }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Change to Pilot' }).click()
      await page.getByText('10 000 verified deltas included').waitFor()
      await page.getByRole('button', { name: 'Cancel the plan' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Cancel the plan' }).click()
      await page.getByText('Sandbox only, no charge').waitFor()
      assert.equal((await owner.call('GET', '/billing/plan')).tier, 'free')
    }),
  )
})
