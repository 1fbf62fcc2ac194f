import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { waitUntil } from '@pacspace/service/embedded-postgres/wait-until'
import type { Page } from 'playwright-core'
import { inBrowser } from './in-browser.ts'
import { settled } from './page-rules.ts'
import { newSignUp, Person } from './person.ts'

const browser = inBrowser()

/** The set-up flow as the product's environments page has it (product.md §7). */
const STEPS = [
  'Verify your e-mail address',
  'Create a Sandbox key',
  'Build and test',
  'Upgrade your plan',
  'Activate Production',
  'Create a Production key',
  'Go live',
]

/** Ticked off by the use of a key, which a plane tells every 20 s. */
const BY_USE = ['Build and test', 'Go live']
const USE_TOLD_MS_MAX = 60_000
const DEADLINE_MS = 30_000

describe('set-up', { skip: browser.skip }, () => {
  it(
    'leads from sign-up to a live key and a verified delta in Production, each step ticked off',
    browser.test(async (visit) => {
      const ada = new Person(visit.stack, newSignUp())
      const page = await visit.open('/sign-up')
      await signUp(page, ada)
      await settled(page, 'Overview')
      await requireOpenSteps(page, STEPS)

      await page.goto(new URL(await ada.mailedLink('/verify-email')).href)
      await page.getByRole('button', { name: 'Verify my address' }).click()
      await page.getByRole('link', { name: 'Go to your dashboard' }).click()
      await settled(page, 'Overview')
      await requireOpenSteps(page, STEPS.slice(1))

      await page.getByRole('link', { name: 'Create a Sandbox key' }).click()
      const sandboxKey = await createKey(page, 'Create Sandbox key')
      assert.match(sandboxKey, /^pk_test_/)
      await ada.waitForEnvironment('sandbox')
      await ada.sdk(sandboxKey).balance.emitAndWait('customer_1', '-250', 'seat charge')
      await showOverview(page, STEPS.slice(3))

      await page.getByRole('link', { name: 'See the plans' }).click()
      await page.getByRole('button', { name: 'Choose Pilot' }).click()
      await page.getByRole('button', { name: 'Change to Pilot' }).click()
      await page.getByText('Your plan is Pilot now.').first().waitFor()
      await showOverview(page, STEPS.slice(4))

      await page.getByRole('link', { name: 'Activate in Settings' }).click()
      await page.getByRole('button', { name: 'Activate Production' }).click()
      await page
        .getByText(/^Ready to accept API requests/)
        .nth(1)
        .waitFor()
      await showOverview(page, STEPS.slice(5))

      await page.getByRole('link', { name: 'Create a Production key' }).click()
      await settled(page, 'API keys')
      assert.equal(new URL(page.url()).pathname, '/production/api-keys')
      const liveKey = await createKey(page, 'Create Production key')
      assert.match(liveKey, /^pk_live_/)
      const delta = await ada.sdk(liveKey).balance.emitAndWait('customer_1', '-1000', 'first real charge')
      assert.equal(delta.status, 'VERIFIED')
      await page.getByRole('link', { name: 'Overview', exact: true }).click()
      await settled(page, 'Overview')
      // The checklist is gone once all of it is done.
      const checklist = page.getByRole('heading', { name: 'Going live' })
      await checklist.waitFor({ state: 'detached', timeout: USE_TOLD_MS_MAX })
    }),
  )

  it(
    'a forgotten password: a link by mail, once; the old password and every session end',
    browser.test(async (visit) => {
      const owner = await visit.signUp()
      const elsewhere = await visit.open('/sandbox', owner)
      await settled(elsewhere, 'Overview')
      const page = await visit.open('/login')
      await page.getByRole('link', { name: 'Forgot your password?' }).click()
      await page.getByLabel('E-mail').fill(owner.signUp.email)
      await page.getByRole('button', { name: 'Send me a link' }).click()
      await page.getByText('a mail with a link is on its way').waitFor()

      const link = await owner.mailedLink('/reset-password')
      await page.goto(link)
      await page.getByLabel('New password').fill('quite another phrase')
      await page.getByRole('button', { name: 'Set the password' }).click()
      await page.getByRole('link', { name: 'Log in' }).click()
      await logIn(page, owner.signUp.email, owner.signUp.password)
      await page.getByRole('alert').waitFor()
      await logIn(page, owner.signUp.email, 'quite another phrase')
      await settled(page, 'Overview')

      await elsewhere.reload()
      await settled(elsewhere, 'Log in')
      await page.goto(link)
      await page.getByLabel('New password').fill('a third phrase of mine')
      await page.getByRole('button', { name: 'Set the password' }).click()
      await page.getByRole('alert').waitFor()
    }),
  )
})

async function signUp(page: Page, { signUp }: Person): Promise<void> {
  await page.getByLabel('First name').fill(signUp.firstName)
  await page.getByLabel('Last name').fill(signUp.lastName)
  await page.getByLabel('Company').fill(signUp.companyName)
  await page.getByLabel('E-mail').fill(signUp.email)
  await page.getByLabel('Password').fill(signUp.password)
  await page.getByRole('button', { name: 'Create account' }).click()
}

async function logIn(page: Page, email: string, password: string): Promise<void> {
  await page.getByLabel('E-mail').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Log in' }).click()
}

/** Makes a key on the page of keys, and gives it whole. */
async function createKey(page: Page, button: string): Promise<string> {
  await page.getByRole('button', { name: button }).first().click()
  await page.getByLabel('Name').fill('billing service')
  await page.getByRole('button', { name: 'Create key' }).click()
  const fullKey = await page.getByTestId('full-key').innerText()
  await page.getByRole('button', { name: 'I have stored it' }).click()
  return fullKey
}

/** Opens the overview anew, where exactly these steps are still to do, beside those that a use ticks off. */
async function showOverview(page: Page, toDo: readonly string[]): Promise<void> {
  await page.getByRole('link', { name: 'Overview', exact: true }).click()
  await settled(page, 'Overview')
  const lastDone = STEPS[STEPS.indexOf(toDo[0] ?? '') - 1] ?? ''
  if (!BY_USE.includes(lastDone)) await doneStep(page, lastDone).waitFor()
  await requireOpenSteps(page, toDo, (title) => !BY_USE.includes(title))
}

/** Waits until exactly these are to do. What was known before is shown until it is read again. */
async function requireOpenSteps(
  page: Page,
  toDo: readonly string[],
  counts: (title: string) => boolean = () => true,
): Promise<void> {
  const open = async () => (await openSteps(page)).filter(counts)
  await waitUntil(async () => isDeepStrictEqual(await open(), toDo.filter(counts)), DEADLINE_MS)
  assert.deepEqual(await open(), toDo.filter(counts))
}

function doneStep(page: Page, title: string) {
  return page.getByRole('listitem').filter({ hasText: `${title} (done)` })
}

/** Titles of the steps that are still to do. */
async function openSteps(page: Page): Promise<string[]> {
  await page
    .getByRole('listitem')
    .filter({ hasText: STEPS[0] ?? '' })
    .waitFor()
  const items = page.getByRole('listitem').filter({ hasText: '(to do)' })
  const texts = await items.allTextContents()
  return texts.map((text) => text.split(' (to do)')[0] ?? '')
}
