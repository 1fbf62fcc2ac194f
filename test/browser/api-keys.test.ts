import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { inBrowser } from './in-browser.ts'

const browser = inBrowser()

describe('API keys', { skip: browser.skip }, () => {
  it(
    'a key is shown whole once, works, and its secret is nowhere on the page afterwards',
    browser.test(async (visit) => {
      const owner = await visit.signUp()
      const page = await visit.open('/sandbox/api-keys', owner)
      await page.getByRole('button', { name: 'Create Sandbox key' }).first().click()
      await page.getByLabel('Name').fill('meter')
      await page.getByRole('button', { name: 'Create key' }).click()

      const dialog = page.getByRole('dialog', { name: 'Store this key now' })
      const fullKey = await dialog.getByTestId('full-key').innerText()
      const delta = await owner.sdk(fullKey).balance.emit('customer_1', '-250', 'seat charge')
      assert.equal(delta.status, 'QUEUED')

      await page.keyboard.press('Escape')
      await dialog.getByRole('button', { name: 'I have stored it' }).click()
      await dialog.waitFor({ state: 'hidden' })
      await page.getByRole('row', { name: /meter/ }).waitFor()
      const secret = fullKey.slice(fullKey.indexOf('.') + 1)
      assert.ok(!(await page.content()).includes(secret))
    }),
  )
})
