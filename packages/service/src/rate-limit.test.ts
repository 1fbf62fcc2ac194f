import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Problem } from '@pacspace/api/problem'
import { seededRandom, testSeed } from '@pacspace/testing/seeded-random'
import { type Bucket, clientOfAddress, RateLimiter } from './rate-limit.ts'

/** A limiter under a clock that moves when told to, and what the last answer's headers said. */
function limiter() {
  const time = { ms: 0 }
  const headers: Record<string, string> = {}
  const limited = new RateLimiter(() => time.ms)
  const take = (...buckets: Bucket[]): number | undefined => {
    try {
      limited.take(buckets, { header: (name, value) => Object.assign(headers, { [name]: value }) })
      return undefined
    } catch (error) {
      assert.ok(error instanceof Problem)
      assert.equal(error.code, 'RATE_LIMITED')
      return error.options.retryAfterSeconds
    }
  }
  const drain = (...buckets: Bucket[]): number => {
    let passed = 0
    while (take(...buckets) === undefined) passed++
    return passed
  }
  return { time, headers, take, drain }
}

const bucket = (id: string, perSecond = 10, burst = 20, policyName = 'key'): Bucket => ({
  id,
  policyName,
  policy: { perSecond, burst },
})

describe('K13 a token bucket', () => {
  it('lets the burst through at once, then one for each token that came back, and never more than it holds', () => {
    const { time, drain } = limiter()
    assert.equal(drain(bucket('a')), 20)
    time.ms = 99
    assert.equal(drain(bucket('a')), 0)
    time.ms = 100
    assert.equal(drain(bucket('a')), 1)
    time.ms = 1_100
    assert.equal(drain(bucket('a')), 10)
    time.ms = 1_000_000
    assert.equal(drain(bucket('a')), 20)
  })

  it('never grants more than burst + rate × seconds, over any stretch of any pattern of calls', () => {
    const seed = testSeed()
    const { next: random } = seededRandom(seed)
    for (const [perSecond, burst] of [
      [10, 20],
      [50, 100],
      [3, 1],
      [0.4, 2],
      [5_000, 10_000],
    ] as const) {
      const { time, take } = limiter()
      const granted: number[] = []
      for (let call = 0; call < 5_000; call++) {
        time.ms += random() < 0.02 ? (random() * 4_000 * burst) / perSecond : (random() * 500) / perSecond
        if (take(bucket('x', perSecond, burst)) === undefined) granted.push(time.ms)
      }
      for (let first = 0; first < granted.length; first += 1 + Math.floor(random() * 20)) {
        for (let last = first; last < granted.length; last += 1 + Math.floor(random() * 50)) {
          const seconds = ((granted[last] ?? 0) - (granted[first] ?? 0)) / 1_000
          const most = burst + perSecond * seconds
          assert.ok(last - first + 1 <= most + 1e-6, `seed ${seed}: ${last - first + 1} > ${most}`)
        }
      }
    }
  })

  it('says in whole seconds when the next call passes, and it does', () => {
    const { time, take, drain } = limiter()
    drain(bucket('slow', 0.25, 1))
    assert.equal(take(bucket('slow', 0.25, 1)), 4)
    time.ms = 2_500
    assert.equal(take(bucket('slow', 0.25, 1)), 2)
    time.ms = 4_500
    assert.equal(take(bucket('slow', 0.25, 1)), undefined)
    drain(bucket('fast', 1_000, 1))
    assert.equal(take(bucket('fast', 1_000, 1)), 1)
  })

  it('is its holder’s alone', () => {
    const { drain } = limiter()
    assert.equal(drain(bucket('a')), 20)
    assert.equal(drain(bucket('b')), 20)
  })

  it('takes from all buckets or from none', () => {
    const { drain, take } = limiter()
    const [one, two] = [bucket('one'), bucket('two')]
    const both = bucket('both', 10, 25, 'tenant')
    assert.equal(drain(one, both), 20)
    assert.equal(drain(two, both), 5)
    assert.equal(take(two, both), 1)
    assert.equal(drain(two), 15)
  })

  it('says policy and rest in the headers of draft-ietf-httpapi-ratelimit-headers, also of a refusal', () => {
    const { time, headers, take, drain } = limiter()
    const tenant = bucket('t', 50, 100, 'tenant')
    take(bucket('k', 50, 100), tenant)
    assert.deepEqual(headers, {
      'ratelimit-policy': '"key";q=100;w=2, "tenant";q=100;w=2',
      ratelimit: '"key";r=99;t=1, "tenant";r=99;t=1',
    })
    take(bucket('k2', 50, 100), tenant)
    assert.equal(headers.ratelimit, '"key";r=99;t=1, "tenant";r=98;t=1')
    drain(bucket('k2', 50, 100), tenant)
    assert.equal(headers.ratelimit, '"key";r=1;t=2, "tenant";r=0;t=2')
    time.ms = 1_000
    take(bucket('k2', 50, 100), tenant)
    assert.equal(headers.ratelimit, '"key";r=50;t=1, "tenant";r=49;t=2')
  })

  it('forgets full buckets first and stays bounded', () => {
    const { time, take, drain } = limiter()
    for (let i = 0; i < 200_000; i++) take(bucket(`full ${i}`))
    time.ms = 200
    assert.equal(drain(bucket('empty')), 20)
    for (let i = 0; i < 150_000; i++) take(bucket(`later ${i}`))
    assert.notEqual(take(bucket('empty')), undefined)
  })
})

describe('an address', () => {
  it('counts as itself in IPv4, also mapped, and as its /64 in IPv6', () => {
    for (const [address, client] of [
      ['203.0.113.9', '203.0.113.9'],
      ['::ffff:203.0.113.9', '203.0.113.9'],
      ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
      ['2001:db8:1:2::', '2001:db8:1:2::/64'],
      ['2001:0DB8:0001:0002::7', '2001:db8:1:2::/64'],
      ['2001:db8::1', '2001:db8:0:0::/64'],
      ['::1', '0:0:0:0::/64'],
      ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ] as const) {
      assert.equal(clientOfAddress(address), client)
    }
  })
})
