import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import { copied } from './clipboard.ts'
import { inBrowser } from './in-browser.ts'
import { settled } from './page-rules.ts'

const browser = inBrowser()

describe('Quick start', { skip: browser.skip }, () => {
  it(
    'the command of the page, run as it stands, arrives on screen and turns verified without a reload',
    browser.test(async (visit) => {
      const owner = await visit.signUp()
      const page = await visit.open('/sandbox/quick-start', owner)
      await settled(page, 'Quick start')
      await page.getByText('Waiting for your first delta').waitFor()
      // Gone, should the page ever be loaded anew.
      await page.evaluate(() => document.body.setAttribute('data-first-load', ''))

      await page.getByRole('button', { name: 'Create Sandbox key' }).click()
      await page.getByText('Store it now').waitFor()
      const command = await copied(page, () => page.getByRole('button', { name: 'Copy curl code' }).click())
      const { stdout } = await promisify(execFile)('sh', ['-c', command])
      assert.equal(JSON.parse(stdout).data.status, 'QUEUED')

      await page.getByText('for customer_001 has arrived').waitFor()
      await page.getByText(/ s after it was accepted/).waitFor()
      assert.equal(await page.evaluate(() => document.body.hasAttribute('data-first-load')), true)
    }),
  )

  it(
    'each language has the same delta; the tabs are moved by arrow keys',
    browser.test(async (visit) => {
      const page = await visit.open('/sandbox/quick-start', await visit.signUp())
      await page.getByRole('tab', { name: 'curl' }).focus()
      await page.keyboard.press('ArrowRight')
      await page.getByRole('tabpanel', { name: 'TypeScript' }).getByText('emitAndWait').waitFor()
      await page.keyboard.press('ArrowRight')
      await page.getByRole('tabpanel', { name: 'Python' }).getByText('urllib.request').first().waitFor()
    }),
  )

  it(
    'a key whose secret was shown is gone with the page',
    browser.test(async (visit) => {
      const page = await visit.open('/sandbox/quick-start', await visit.signUp())
      await page.getByRole('button', { name: 'Create Sandbox key' }).click()
      await page.getByText('Store it now').waitFor()
      await page.reload()
      await page.getByText('its secret was shown once').waitFor()
      assert.doesNotMatch(await page.content(), /pk_test_/)
    }),
  )
})
