import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Locator, Page } from 'playwright-core'
import { copied } from './clipboard.ts'
import { inBrowser } from './in-browser.ts'
import { BANNERS, settled, toggle } from './page-rules.ts'

const browser = inBrowser()
/** A page with more stops than this before what one wants is not for the keyboard. */
const TABS_MAX = 60

describe('by keyboard alone', { skip: browser.skip }, () => {
  it(
    'one logs in, makes a key in the Sandbox, copies it, and signs out',
    browser.test(async (visit) => {
      const { signUp } = await visit.signUp()
      const page = await visit.open('/login')
      await settled(page, 'Log in')
      await tabTo(page, page.getByLabel('E-mail'))
      await page.keyboard.type(signUp.email)
      await page.keyboard.press('Tab')
      await page.keyboard.type(signUp.password)
      await page.keyboard.press('Enter')
      await settled(page, 'Overview')

      await goTo(page, 'keys')
      await settled(page, 'API keys')
      await press(page, page.getByRole('button', { name: 'Create Sandbox key' }).first())
      const dialog = page.getByRole('dialog')
      await tabTo(page, dialog.getByLabel('Name'))
      await page.keyboard.type('meter')
      await page.keyboard.press('Enter')
      const fullKey = await dialog.getByTestId('full-key').innerText()
      // What is shown once does not go away by a slip.
      await page.keyboard.press('Escape')
      const copy = () => press(page, dialog.getByRole('button', { name: 'Copy API key' }))
      assert.equal(await copied(page, copy), fullKey)
      await press(page, dialog.getByRole('button', { name: 'I have stored it' }))
      await page.getByText('meter', { exact: true }).waitFor()

      await press(page, page.getByRole('button', { name: 'Your account' }))
      // The focus goes into the menu, and from entry to entry, a moment after the key.
      await focused(page, page.getByRole('menuitemradio').first())
      await page.keyboard.press('End')
      await focused(page, page.getByRole('menuitem').last())
      await page.keyboard.press('ArrowUp')
      await focused(page, page.getByRole('menuitem', { name: 'Sign out', exact: true }))
      await page.keyboard.press('Enter')
      await settled(page, 'Log in')
    }),
  )

  it(
    'one upgrades, activates Production, switches to it, and revokes a key by typing its name',
    browser.test(async (visit) => {
      const owner = await visit.signUp()
      const page = await visit.open('/sandbox', owner)
      await settled(page, 'Overview')
      await press(page, toggle(page, 'Production'))
      await settled(page, 'Usage & billing')
      await press(page, page.getByRole('button', { name: 'Choose Pilot' }))
      await press(page, page.getByRole('button', { name: 'Change to Pilot' }))
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      await press(page, toggle(page, 'Production'))
      await settled(page, 'Settings')
      await press(page, page.getByRole('button', { name: 'Activate Production' }))
      await page
        .getByText(/^Ready to accept API requests/)
        .nth(1)
        .waitFor()
      await press(page, toggle(page, 'Production'))
      await page.getByText(BANNERS.production, { exact: true }).waitFor()

      await owner.createKey('production', 'settlement')
      await goTo(page, 'keys')
      await press(page, page.getByRole('button', { name: 'Revoke settlement' }))
      const dialog = page.getByRole('dialog')
      await tabTo(page, dialog.getByLabel('Type the key'))
      await page.keyboard.type('settlement')
      await press(page, dialog.getByRole('button', { name: 'Revoke for good' }))
      await page.getByText('Revoked', { exact: true }).waitFor()
    }),
  )

  it(
    'one skips to the content, and a closed dialog gives the focus back to what opened it',
    browser.test(async (visit) => {
      const page = await visit.open('/sandbox/api-keys', await visit.signUp())
      await settled(page, 'API keys')
      await page.keyboard.press('Tab')
      await focused(page, page.getByRole('link', { name: 'Skip to content' }))
      await page.keyboard.press('Enter')
      await page.waitForURL(/#/)
      await page.keyboard.press('Tab')
      const create = page.getByRole('button', { name: /^Create Sandbox key/ }).first()
      await focused(page, create)
      await page.keyboard.press('Enter')
      await page.getByRole('dialog').waitFor()
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      await focused(page, create)
    }),
  )
})

/** Tab until it has the focus. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.waitFor()
  const hasFocus = () => target.evaluate((element) => element === document.activeElement)
  for (let tabs = 0; !(await hasFocus()); tabs++) {
    assert.ok(tabs < TABS_MAX, `${target} is not reached by ${TABS_MAX} tabs`)
    await page.keyboard.press('Tab')
  }
}

async function press(page: Page, target: Locator): Promise<void> {
  await tabTo(page, target)
  await page.keyboard.press('Enter')
}

/** By the command palette. */
async function goTo(page: Page, words: string): Promise<void> {
  await page.keyboard.press('Control+k')
  await page.getByPlaceholder('Where to?').waitFor()
  await page.keyboard.type(words)
  await page.getByRole('option').first().waitFor()
  await page.keyboard.press('Enter')
}

/** Until it has the focus. */
async function focused(page: Page, target: Locator): Promise<void> {
  await target.and(page.locator(':focus')).waitFor()
}
