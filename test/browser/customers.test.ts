import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { before, describe, it } from 'node:test'
import type { Page } from 'playwright-core'
import { inBrowser } from './in-browser.ts'
import { settled } from './page-rules.ts'
import { newSignUp, Person } from './person.ts'

const browser = inBrowser()

describe('customers', { skip: browser.skip }, () => {
  let owner: Person
  let apiKey: string
  before(async () => {
    owner = await new Person(browser.stack, newSignUp()).register()
    await owner.verifyEmail()
    apiKey = await owner.createKey('sandbox')
    const { balance } = owner.sdk(apiKey)
    await balance.emit('globex', '7', 'credit')
    await balance.emit('acme:eu', '100', 'credit', { referenceId: 'inv_1' })
    await balance.emit('acme:eu', '-0.5', 'usage', { referenceId: 'inv_2' })
    await balance.emitAndWait('acme:eu', '-20.25', 'usage', { referenceId: 'inv_3' })
    await owner.call('POST', '/customers', { displayName: '=1+1', customerId: 'evil' }, 'sandbox')
  })

  it(
    'are found by a part of their name or id, which the address keeps, and saved without a formula',
    browser.test(async (visit) => {
      const page = await visit.open('/sandbox/customers', owner)
      await settled(page, 'Customers')
      await page.getByRole('link', { name: 'globex' }).waitFor()
      await page.getByRole('searchbox', { name: 'Search customers' }).fill('ACME')
      await page.getByRole('link', { name: 'globex' }).waitFor({ state: 'detached' })
      await page.reload()
      await page.getByRole('row', { name: /acme:eu.*79\.25.*Verified/ }).waitFor()

      await page.getByRole('searchbox', { name: 'Search customers' }).fill('')
      await page.getByRole('link', { name: '=1+1' }).waitFor()
      const file = await saved(page, 'Export CSV')
      assert.match(file, /^"acme:eu",,79\.25,3,/m)
      assert.match(file, /^"evil","'=1\+1",0,0,/m)
    }),
  )

  it(
    'a customer shows its balance, each delta with the balance after it, and what comes while one looks',
    browser.test(async (visit) => {
      const page = await visit.open('/sandbox/customers/acme%3Aeu', owner)
      await settled(page, 'acme:eu')
      const table = page.getByRole('table', { name: 'Deltas of acme:eu, newest first' })
      await table.getByRole('row', { name: /^Delta 3, .*inv_3.*\u221220\.25 79\.25 Verified/ }).waitFor()
      await table.getByRole('row', { name: /^Delta 2, .*inv_2.*\u22120\.5 99\.5 Verified/ }).waitFor()
      const chart = page.getByRole('slider', { name: 'Balance of acme:eu' })
      await chart.focus()
      await page.keyboard.press('Home')
      await chart.and(page.locator('[aria-valuetext^="100 from "]')).waitFor()

      const other = await owner.sdk(apiKey).balance.emitAndWait('acme:eu', '0.25', 'correction')
      assert.equal(other.status, 'VERIFIED')
      await page.getByTestId('balance').getByText('79.5').waitFor()
      await table.getByRole('row', { name: /^Delta 4, .*\+0\.25 79\.5 Verified/ }).waitFor()
    }),
  )

  it(
    'a customer gives its ledger, and the receipt and proof of a month, as files',
    browser.test(async (visit) => {
      const page = await visit.open('/sandbox/customers/globex', owner)
      await settled(page, 'globex')
      assert.match(await saved(page, 'Export CSV'), /^1,"[^"]+",7,7,"credit",/m)
      assert.match(await saved(page, /^Save the Proof of/), /^c2sp\.org\/tlog-proof@v1\n/)
      const receipt = JSON.parse(await saved(page, /^Save the Receipt of/))
      assert.equal(receipt.data.finalBalance, '7')
    }),
  )

  it(
    'a customer that is not here says so, with a way on, and one of the other environment is not here',
    browser.test(async (visit) => {
      visit.watch.allow(/404/)
      const page = await visit.open('/sandbox/customers/nobody', owner)
      await page.getByRole('heading', { name: 'No customer nobody here' }).waitFor()
      await page.getByRole('link', { name: 'See the customers of this environment' }).click()
      await settled(page, 'Customers')
    }),
  )
})

/** The text of the file that a button gives. */
async function saved(page: Page, button: string | RegExp): Promise<string> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: button }).click(),
  ])
  return await readFile(await download.path(), 'utf8')
}
