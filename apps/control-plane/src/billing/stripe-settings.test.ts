import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readStripeSettings } from './stripe-settings.ts'

const GOOD = {
  stripeSecretKey: 'sk_live_0123',
  stripeWebhookSecret: 'whsec_0123',
  stripePrices: ['pilot=price_1', 'starter=price_2', 'growth=price_3', 'scale=price_4'],
  stripeApiUrl: undefined,
}

test('without a key of Stripe’s there is no Stripe, whatever else is set', () => {
  assert.equal(readStripeSettings({ ...GOOD, stripeSecretKey: undefined }), undefined)
})

test('each plan that is sold has its price', () => {
  const settings = readStripeSettings(GOOD)
  assert.deepEqual(
    [...(settings?.prices ?? [])].map((pair) => pair.join('=')),
    GOOD.stripePrices,
  )
  assert.deepEqual([settings?.secretKey, settings?.webhookSecret], ['sk_live_0123', 'whsec_0123'])
})

test('everything that is missing or wrong is named at once', () => {
  const wrong = {
    ...GOOD,
    stripeWebhookSecret: undefined,
    stripePrices: ['pilot=p', 'gold=x', 'growth=', 'scale=s'],
  }
  assert.throws(
    () => readStripeSettings(wrong),
    (error: Error) => {
      for (const named of [
        'gold=x',
        'growth=',
        'for starter',
        'for growth',
        'PACSPACE_STRIPE_WEBHOOK_SECRET',
      ])
        assert.ok(error.message.includes(named), named)
      assert.ok(!error.message.includes('sk_live'))
      return true
    },
  )
})
