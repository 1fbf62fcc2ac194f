import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { waitUntil } from '@pacspace/service/embedded-postgres/wait-until'
import { RECEIVER } from './filled-tenant.ts'
import { inBrowser } from './in-browser.ts'
import { settled } from './page-rules.ts'

const browser = inBrowser()
const DEADLINE_MS = 20_000

describe('Overview', { skip: browser.skip }, () => {
  it(
    'shows what there is, and leads in one click to what is wrong',
    browser.test(async (visit) => {
      const owner = await visit.signUp()
      const webhook = await owner.call('POST', '/webhooks', { url: RECEIVER }, 'sandbox')
      const { balance } = owner.sdk(await owner.createKey('sandbox'))
      const deltas = Array.from({ length: 79 }, (_, i) => ({
        customerId: `c${i % 2}`,
        delta: '1.5',
        reason: 'x',
      }))
      await balance.emitBatch(deltas)
      await balance.emitAndWait('c0', '1.5', 'x')
      const isFailing = async () => {
        const { items } = await owner.call('GET', '/webhooks', undefined, 'sandbox')
        return items[0].failingSince !== null
      }
      assert.ok(await waitUntil(isFailing, DEADLINE_MS), 'deliveries fail')

      const page = await visit.open('/sandbox', owner)
      await settled(page, 'Overview')
      await page.getByText('80 % of your allowance is used').waitFor()
      await page.getByText(/^20 are left\./).waitFor()
      await page.getByRole('row', { name: 'c0 61.5' }).waitFor()
      const perDay = page.getByRole('slider', { name: /Deltas by the day/ })
      await perDay.and(page.locator('[aria-valuetext^="80 on "]')).waitFor()

      await page.getByText(`Deliveries to ${RECEIVER} fail`).waitFor()
      await page.getByRole('link', { name: 'Open the endpoint' }).click()
      await page.waitForURL(`**/sandbox/webhooks/${webhook.id}`)
      await page.goBack()
      await page.getByRole('link', { name: 'See usage and plans' }).click()
      await settled(page, 'Usage & billing')
    }),
  )

  it(
    'of a new tenant begins with the way to going live',
    browser.test(async (visit) => {
      const page = await visit.open('/sandbox', await visit.signUp())
      await settled(page, 'Overview')
      const first = page.getByRole('heading', { level: 2 }).first()
      await first.and(page.getByRole('heading', { name: 'Going live', exact: true })).waitFor()
      await page.getByRole('link', { name: 'Open the quick start' }).click()
      await settled(page, 'Quick start')
    }),
  )
})
