import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { waitUntil } from '@pacspace/service/embedded-postgres/wait-until'
import { Webhooks } from '@pacspace-io/sdk/core/webhooks'
import { inBrowser } from './in-browser.ts'
import { settled } from './page-rules.ts'
import { newSignUp, Person } from './person.ts'
import { WebhookReceiver } from './webhook-receiver.ts'

const DEADLINE_MS = 20_000

const browser = inBrowser()

describe('webhooks', { skip: browser.skip }, () => {
  it(
    'an endpoint’s secret is shown once and verifies what arrives; a test event turns delivered by itself',
    browser.test(async (visit) => {
      await using receiver = await WebhookReceiver.start()
      const owner = await visit.signUp()
      const page = await visit.open('/sandbox/webhooks', owner)
      await page.getByRole('button', { name: 'Add endpoint' }).first().click()
      const form = page.getByRole('dialog', { name: 'Add a Sandbox endpoint' })
      await form.getByLabel('URL').fill('http://10.0.0.1/hooks')
      await form.getByRole('button', { name: 'Add endpoint' }).click()
      await form.getByText('must not lead to a private, local or reserved address').waitFor()
      await form.getByLabel('URL').fill(receiver.url)
      await form.getByRole('button', { name: 'Add endpoint' }).click()

      const reveal = page.getByRole('dialog', { name: 'Store this signing secret now' })
      const secret = await reveal.getByTestId('webhook-secret').innerText()
      await page.keyboard.press('Escape')
      await reveal.getByRole('button', { name: 'I have stored it' }).click()
      await settled(page, receiver.url)
      assert.ok(!(await page.content()).includes(secret))

      await page.getByRole('button', { name: 'Send a test event' }).click()
      await page.getByRole('row', { name: /webhook\.test.*Delivered.*200/s }).waitFor()
      const [first] = receiver.received
      assert.ok(first !== undefined)
      const event = await new Webhooks(secret).verify(first.body, first.headers)
      assert.equal(event.type, 'webhook.test')
    }),
  )

  it(
    'what failed shows the receiver’s answer, and a replay brings it under the same id',
    browser.test(async (visit) => {
      await using receiver = await WebhookReceiver.start()
      receiver.answer = { status: 500, body: 'the books are closed' }
      const owner = await visit.signUp()
      const { id } = await owner.call('POST', '/webhooks', { url: receiver.url }, 'sandbox')
      const delivery = await owner.call('POST', `/webhooks/${id}/test`, undefined, 'sandbox')
      const page = await visit.open(`/sandbox/webhooks/${id}`, owner)
      await page.getByRole('row', { name: /webhook\.test.*Failed/s }).waitFor()
      await page.getByRole('link', { name: 'webhook.test' }).first().click()

      const sheet = page.getByRole('dialog', { name: 'webhook.test' })
      await sheet.getByText('the books are closed').first().waitFor()
      assert.equal(new URL(page.url()).searchParams.get('delivery'), delivery.eventId)
      receiver.answer = { status: 200, body: 'thank you' }
      const before = receiver.received.length
      await sheet.getByRole('button', { name: 'Replay this event' }).click()
      await sheet.getByText('Delivered').waitFor()
      await sheet.getByText('thank you').waitFor()
      assert.ok(await waitUntil(() => receiver.received.length > before, DEADLINE_MS))
      const ids = new Set(receiver.received.map(({ headers }) => headers['x-event-id']))
      assert.deepEqual([...ids], [delivery.eventId])
    }),
  )

  it(
    'a rotation shows a new secret, and both sign; in Production a deletion asks for the host',
    browser.test(async (visit) => {
      const owner = await (await visit.signUp()).goLive()
      const url = 'https://127.0.0.1:9/hooks'
      const { id } = await owner.call('POST', '/webhooks', { url }, 'production')
      const page = await visit.open(`/production/webhooks/${id}`, owner)
      await settled(page, url)
      await page.getByRole('button', { name: 'Manage' }).click()
      await page.getByRole('menuitem', { name: 'Rotate the secret' }).click()
      await page.getByRole('button', { name: 'Rotate the secret' }).click()
      await page.getByRole('button', { name: 'I have stored it' }).click()
      await page.getByText('Two secrets').waitFor()

      await page.getByRole('button', { name: 'Manage' }).click()
      await page.getByRole('menuitem', { name: 'Delete' }).click()
      const remove = page.getByRole('button', { name: /^Delete for good/ })
      await remove.and(page.locator('[aria-disabled=true]')).waitFor()
      await page.getByLabel('Type the host, 127.0.0.1:9, to confirm').fill('127.0.0.1:9')
      await remove.click()
      await settled(page, 'Webhooks')
      await page.getByRole('heading', { name: 'No endpoints yet' }).waitFor()
      assert.deepEqual((await owner.call('GET', '/webhooks', undefined, 'production')).items, [])
    }),
  )

  it(
    'who may only look sees deliveries and is told why nothing can be pressed',
    browser.test(async (visit) => {
      const owner = await visit.signUp()
      const { id } = await owner.call('POST', '/webhooks', { url: 'http://127.0.0.1:9/hooks' }, 'sandbox')
      const viewer = await new Person(visit.stack, newSignUp()).joinTeamOf(owner, 'viewer')
      const page = await visit.open(`/sandbox/webhooks/${id}`, viewer)
      await settled(page, 'http://127.0.0.1:9/hooks')
      for (const name of [/^Send a test event/, /^Manage/]) {
        const off = page.getByRole('button', { name, disabled: true })
        await off.and(page.getByTitle(/only look/)).waitFor()
      }
    }),
  )
})
