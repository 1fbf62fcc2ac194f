import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { finishedMonths, monthName } from '../../apps/dashboard/src/ui/month.ts'
import { copied } from './clipboard.ts'
import { inBrowser } from './in-browser.ts'
import { settled } from './page-rules.ts'
import { newSignUp, Person } from './person.ts'

const browser = inBrowser()
const CUSTOMER = 'acme'

describe('settling with the other side', { skip: browser.skip }, () => {
  let owner: Person
  before(async () => {
    owner = await new Person(browser.stack, newSignUp()).register()
    await owner.verifyEmail()
    await owner.goLive()
    const { balance } = owner.sdk(await owner.createKey('production'))
    for (const [index, delta] of ['100', '-2.5', '40'].entries()) {
      await balance.emit(CUSTOMER, delta, 'x', { referenceId: `inv_${index + 1}` })
    }
    await balance.emitAndWait(CUSTOMER, '-7', 'x', { referenceId: 'inv_4' })
  })

  it(
    'a month is closed in Production after it was typed, and anybody can check its root',
    browser.test(async (visit) => {
      const [month = ''] = finishedMonths(Date.now(), 1)
      const page = await visit.open(`/production/checkpoints/close?customer=${CUSTOMER}`, owner)
      await settled(page, 'Close a month')
      await page.getByText(`0 deltas of ${CUSTOMER} accepted in ${monthName(month)}`).waitFor()
      const close = page.getByRole('button', { name: `Close ${monthName(month)} for ${CUSTOMER}` })
      await close.click({ force: true })
      assert.equal(await close.getAttribute('aria-disabled'), 'true')
      assert.deepEqual(await checkpoints(), [], 'nothing was closed')

      await page.getByLabel(`Type ${month} to confirm`).fill(month)
      await close.click()
      await page.getByText('Its root is anchored outside the database').waitFor()
      const link = await page.getByRole('link', { name: /\/verify\/0x/ }).getAttribute('href')
      const root = link?.slice('/verify/'.length) ?? ''
      const [closed] = await checkpoints()
      assert.deepEqual([closed?.proofRoot, closed?.closed, closed?.period], [root, true, month])
      // Without an account.
      const answer = await fetch(`${visit.stack.baseUrl}/api/v1/verify/${root}`)
      assert.equal((await answer.json()).data.verified, true)

      await page.getByRole('link', { name: 'Checkpoints' }).first().click()
      await page.getByRole('link', { name: month }).first().click()
      await page.getByRole('dialog').getByText(root, { exact: true }).waitFor()
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
    }),
  )

  async function checkpoints(): Promise<{ proofRoot: string; closed: boolean; period: string }[]> {
    const found = await owner.call('GET', '/checkpoints', undefined, 'production')
    return found.checkpoints
  }

  it(
    'a snapshot of the running month is taken of all customers',
    browser.test(async (visit) => {
      const page = await visit.open('/production/checkpoints', owner)
      await settled(page, 'Checkpoints')
      await page.getByRole('button', { name: 'Take a snapshot' }).click()
      await page.getByRole('button', { name: 'Take snapshot' }).click()
      await page.getByRole('row', { name: /Snapshot All customers Verified 4 \+130\.5/ }).waitFor()
    }),
  )

  it(
    'a comparison names each delta in which a list parts from the ledger, and a link shows it to others',
    browser.test(async (visit) => {
      const page = await visit.open(`/production/compare?customer=${CUSTOMER}`, owner)
      await settled(page, 'Compare')
      await page
        .getByLabel('Their books: list (optional)')
        .fill('reference;amount\ninv_1;100\ninv_2;-3.5\ninv_3;40\ninv_9;1')
      await page.getByRole('button', { name: 'Compare', exact: true }).click()
      await page.getByRole('heading', { name: 'Their books differ from the ledger' }).waitFor()
      await page.getByText('The histories part at delta 2.').waitFor()

      const link = await copied(page, () => page.getByRole('button', { name: 'Copy link' }).click())
      const other = await visit.open(link.slice(visit.stack.baseUrl.length), owner)
      const table = other.getByRole('table', { name: 'Differences between the lists and the ledger' })
      await table.getByRole('row', { name: /Theirs Another amount inv_2 2 \u22122\.5 \u22123\.5/ }).waitFor()
      await table.getByRole('row', { name: /Theirs Missing in the list inv_4 4 \u22127 none/ }).waitFor()
      await table.getByRole('row', { name: /Theirs Not in the ledger inv_9 none \+1 never/ }).waitFor()
      assert.equal(await table.getByRole('row').count(), 4)
    }),
  )

  it(
    'a comparison of balances that agree says so, and what cannot be read is said at its field',
    browser.test(async (visit) => {
      const page = await visit.open(`/production/compare?customer=${CUSTOMER}`, owner)
      await settled(page, 'Compare')
      await page.getByLabel('Their books: list (optional)').fill('inv_1,100\ninv_2,many')
      await page.getByRole('button', { name: 'Compare', exact: true }).click()
      await page.getByText('Line 2 “many” is no amount.').waitFor()
      await page.getByLabel('Their books: list (optional)').fill('')
      await page.getByLabel('Their books: balance').fill('130.50')
      await page.getByRole('button', { name: 'Compare', exact: true }).click()
      await page.getByRole('heading', { name: 'Both sides agree with the ledger' }).waitFor()
    }),
  )
})
