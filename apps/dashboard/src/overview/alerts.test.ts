import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { alertsOf, type Known } from './alerts.ts'

const healthy: Known = {
  environment: 'production',
  me: { environments: [] },
  summary: { verificationHealth: 'healthy' },
  usage: { tier: 'pilot', includedDeltas: 100, remainingDeltas: 21, overageCount: 0 },
  webhooks: [{ id: 'wh_1' as never, url: 'https://a.example/', disabledReason: null, failingSince: null }], // the form of an id
}
const [webhook] = healthy.webhooks
const usage = healthy.usage ?? assert.fail()

describe('the overview', () => {
  test('says nothing where nothing is wrong, nor while nothing is known', () => {
    assert.deepEqual(alertsOf(healthy), [])
    assert.deepEqual(alertsOf({ ...healthy, summary: undefined, usage: undefined, webhooks: [] }), [])
  })

  const wrong: Record<string, [Partial<Known>, RegExp, string | undefined]> = {
    'a damaged delta': [{ summary: { verificationHealth: 'failed' } }, /damaged/, '/production/deltas'],
    'a log behind its anchor': [
      { summary: { verificationHealth: 'blocked' } },
      /behind its anchor/,
      undefined,
    ],
    'a failing webhook': [
      { webhooks: [{ ...webhook!, failingSince: '2026-01-01T00:00:00.000Z' as never }] }, // stands above; the form of an instant
      /fail/,
      '/production/webhooks/wh_1',
    ],
    'a disabled webhook': [
      { webhooks: [{ ...webhook!, disabledReason: 'gone' }] }, // stands above
      /no longer/,
      '/production/webhooks/wh_1',
    ],
    'an allowance at 80 %': [{ usage: { ...usage, remainingDeltas: 20 } }, /^80 %/, '/production/billing'],
    'an allowance used up': [
      { usage: { ...usage, remainingDeltas: 0, overageCount: 3 } },
      /used up/,
      '/production/billing',
    ],
    'the free allowance used up': [
      { usage: { ...usage, tier: 'free', remainingDeltas: 0 } },
      /used up/,
      '/production/billing',
    ],
  }
  for (const [name, [change, title, to]] of Object.entries(wrong)) {
    test(`finds ${name}, one click away from where something is done about it`, () => {
      const alerts = alertsOf({ ...healthy, ...change })
      assert.equal(alerts.length, 1)
      assert.match(alerts[0]?.title ?? '', title)
      assert.equal(alerts[0]?.link?.to, to)
    })
  }

  test('tells the worst first', () => {
    const alerts = alertsOf({
      ...healthy,
      summary: { verificationHealth: 'failed' },
      usage: { ...usage, remainingDeltas: 0 },
    })
    assert.deepEqual(
      alerts.map(({ key }) => key),
      ['failed', 'usage'],
    )
  })
})
