import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { waitUntil } from '@pacspace/service/embedded-postgres/wait-until'
import type { Page } from 'playwright-core'
import { inBrowser } from './in-browser.ts'
import { BANNERS, settled, toggle } from './page-rules.ts'
import { newSignUp, Person } from './person.ts'

const browser = inBrowser()
const DEADLINE_MS = 20_000

describe('environments', { skip: browser.skip }, () => {
  /** With a customer in each environment that tells by its name where it belongs. */
  let owner: Person
  before(async () => {
    owner = await new Person(browser.stack, newSignUp()).register()
    await owner.verifyEmail()
    await owner.goLive()
    for (const environment of ['sandbox', 'production'] as const) {
      const { balance } = owner.sdk(await owner.createKey(environment, `key of ${environment}`))
      await balance.emitAndWait(`customer-of-${environment}`, '-250', `charge of ${environment}`)
    }
  })

  it(
    'on Free, Production is locked with its reason, and leads to the upgrade',
    browser.test(async (visit) => {
      const page = await visit.open('/sandbox', await visit.signUp())
      const locked = toggle(page, 'Production')
      await locked.and(page.getByTitle('Your plan has no Production. Upgrade to unlock it.')).waitFor()
      await locked.click()
      await settled(page, 'Usage & billing')
      assert.equal(new URL(page.url()).pathname, '/sandbox/billing')
      await page.goto('/production/api-keys')
      await settled(page, 'Settings')
      assert.equal(new URL(page.url()).pathname, '/sandbox/settings')
    }),
  )

  it(
    'paid and not active, it leads to Settings, where it is activated',
    browser.test(async (visit) => {
      const payer = await visit.signUp()
      await payer.call('POST', '/billing/subscription', { tier: 'pilot' })
      const page = await visit.open('/sandbox', payer)
      await settled(page, 'Overview')
      await toggle(page, 'Production').click()
      await settled(page, 'Settings')
      await page.getByRole('button', { name: 'Activate Production' }).waitFor()
    }),
  )

  it(
    'a switch keeps the page, changes its data, and stands in the address; nothing of the other environment is left',
    browser.test(async (visit) => {
      const page = await visit.open('/sandbox/customers', owner)
      await page.getByText('customer-of-sandbox').first().waitFor()
      await recordMixtures(page, 'of-sandbox')
      await toggle(page, 'Production').click()
      await page.getByText('customer-of-production').first().waitFor()
      assert.equal(new URL(page.url()).pathname, '/production/customers')
      assert.deepEqual(await mixtures(page), [])
      await page.getByText(BANNERS.production, { exact: true }).waitFor()

      await page.getByRole('link', { name: 'API keys' }).click()
      await page.getByText('key of production').waitFor()
      await recordMixtures(page, 'of production')
      await toggle(page, 'Sandbox').click()
      await page.getByText('key of sandbox').waitFor()
      assert.deepEqual(await mixtures(page), [])
      await page.getByText(BANNERS.sandbox, { exact: true }).waitFor()

      await page.goBack()
      await page.getByText('key of production').waitFor()
      assert.equal(await page.getByText('key of sandbox').count(), 0)
      await page.reload()
      await page.getByText('key of production').waitFor()
    }),
  )

  it(
    'the choice is kept on the account: another browser begins there',
    browser.test(async (visit) => {
      const page = await visit.open('/sandbox', owner)
      await toggle(page, 'Production').click()
      await page.getByText(BANNERS.production, { exact: true }).waitFor()
      const isKept = async () => (await owner.call('GET', '/auth/me')).preferredEnvironment === 'production'
      assert.ok(await waitUntil(isKept, DEADLINE_MS))
      const elsewhere = await visit.open('/', owner)
      await settled(elsewhere, 'Overview')
      assert.equal(new URL(elsewhere.url()).pathname, '/production')
    }),
  )

  it(
    'of two tabs, one switches, and the other stays where its address says',
    browser.test(async (visit) => {
      const page = await visit.open('/sandbox/api-keys', owner)
      await page.getByText('key of sandbox').waitFor()
      const other = await page.context().newPage()
      await other.goto('/sandbox/customers')
      await toggle(other, 'Production').click()
      await other.getByText('customer-of-production').first().waitFor()

      await page.getByRole('link', { name: 'Customers' }).click()
      await page.getByText('customer-of-sandbox').first().waitFor()
      assert.equal(await page.getByText('customer-of-production').count(), 0)
      assert.equal(new URL(page.url()).pathname, '/sandbox/customers')
    }),
  )
})

/** From now on: looks at every frame for text of the environment that was left, after the frame says the other one. */
async function recordMixtures(page: Page, text: string): Promise<void> {
  await page.evaluate((text) => {
    const frame = document.querySelector<HTMLElement>('[data-environment]')
    const before = frame?.dataset.environment
    const found: string[] = []
    Object.assign(window, { found })
    const look = () => {
      const now = frame?.dataset.environment
      if (now !== before && document.body.innerText.includes(text)) found.push(`${text} under ${now}`)
      requestAnimationFrame(look)
    }
    look()
  }, text)
}

function mixtures(page: Page): Promise<string[]> {
  return page.evaluate(() => (window as unknown as { found: string[] }).found) // see recordMixtures
}
