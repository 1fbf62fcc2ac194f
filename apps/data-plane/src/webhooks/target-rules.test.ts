import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  allowedAddresses,
  parseAllowList,
  parseTarget,
  refusalOfTarget,
  TargetRefused,
} from './target-rules.ts'

const strict = { httpsOnly: false, allow: parseAllowList([]) }
const resolvesTo =
  (...addresses: string[]) =>
  async () =>
    addresses

/** Hosts of check W7, each in a spelling that some parser takes for something else. */
const PRIVATE_HOSTS = [
  '127.0.0.1',
  '10.0.0.1',
  '10.255.255.255',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '100.127.255.255',
  '0.0.0.0',
  '255.255.255.255',
  '224.0.0.1',
  '192.0.2.1',
  '198.18.0.1',
  '240.0.0.1',
  '[::1]',
  '[::]',
  '[fc00::1]',
  '[fd12:3456::1]',
  '[fe80::1]',
  '[ff02::1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::127.0.0.1]',
  '[64:ff9b::7f00:1]',
  '[2002:7f00:1::]',
  '[2001:db8::1]',
  '[2001::1]',
  '0x7f000001',
  '0x7f.0x0.0x0.0x1',
  '2130706433',
  '017700000001',
  '0177.0.0.1',
  '127.1',
  '127.0.1',
  '10.1',
  '127.0.0.1.',
  'localhost',
  'LOCALHOST',
  'localhost.',
  'a.localhost',
  'metadata',
  'metadata.google.internal',
  'printer.local',
  'intranet',
  '1２7.0.0.1', // full-width digit
  '①②⑦.0.0.1',
]

describe('W7 an address that is private, local or reserved', () => {
  for (const host of PRIVATE_HOSTS) {
    it(`is refused at saving and at connecting: ${host}`, async () => {
      const url = `http://${host}/hook`
      assert.ok(await refusalOfTarget(url, strict, resolvesTo('93.184.215.14')), 'saved')
      const { hostname } = new URL(url)
      await assert.rejects(
        allowedAddresses(hostname, strict, resolvesTo('127.0.0.1')),
        (error) => error instanceof TargetRefused,
      )
    })
  }

  it('is refused behind a name, when one of several addresses is', async () => {
    for (const private_ of ['127.0.0.1', '::1', 'fe80::1', '169.254.169.254', '::ffff:10.0.0.1']) {
      const resolve = resolvesTo('93.184.215.14', private_)
      assert.ok(await refusalOfTarget('https://example.com/hook', strict, resolve))
      await assert.rejects(allowedAddresses('example.com', strict, resolve), TargetRefused)
    }
  })

  it('is no public address', async () => {
    for (const url of [
      'https://example.com/hook?a=b&c=d',
      'http://93.184.215.14/',
      'https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]:8443/x',
      'https://example.com./hook',
    ]) {
      assert.equal(await refusalOfTarget(url, strict, resolvesTo('93.184.215.14')), undefined, url)
    }
  })
})

describe('a URL', () => {
  it('W7 with a user, of another scheme, or none at all is refused', () => {
    for (const url of [
      'https://user@example.com/',
      'https://user:pass@example.com/',
      'https://:pass@example.com/',
      'ftp://example.com/',
      'file:///etc/passwd',
      'javascript:alert(1)',
      'example.com/hook',
      '//example.com',
      'https://',
      'https://exa mple.com',
      '',
    ]) {
      assert.ok('refusal' in parseTarget(url, strict), url)
    }
  })

  it('must be https in Production, allowed host or not', () => {
    const production = { httpsOnly: true, allow: parseAllowList(['example.com', '127.0.0.0/8']) }
    assert.match(String(Object.values(parseTarget('http://example.com/', production))), /https in Production/)
    assert.ok('refusal' in parseTarget('http://127.0.0.1/', production))
    assert.ok('url' in parseTarget('https://example.com/', production))
  })

  it('of a name that cannot be resolved now, or not in time, may be saved', async () => {
    const fails = () => Promise.reject(new Error('ENOTFOUND'))
    assert.equal(await refusalOfTarget('https://example.com/', strict, fails), undefined)
  })
})

describe('PACSPACE_WEBHOOK_ALLOW', () => {
  it('lets hosts, addresses and ranges through, and nothing beside them', async () => {
    const rules = { httpsOnly: false, allow: parseAllowList(['receiver', '10.1.0.0/16', '::1', '127.0.0.1']) }
    const nowhere = () => Promise.reject(new Error('nobody is asked'))
    for (const url of [
      'http://receiver:8080/',
      'http://RECEIVER/',
      'http://10.1.2.3/',
      'http://[::1]/',
      'http://127.0.0.1/',
      'http://[::ffff:127.0.0.1]/',
    ]) {
      assert.equal(await refusalOfTarget(url, rules, nowhere), undefined, url)
    }
    for (const url of ['http://10.2.0.1/', 'http://127.0.0.2/', 'http://receiver2/', 'http://x.receiver/']) {
      assert.ok(await refusalOfTarget(url, rules, resolvesTo('10.2.0.1')), url)
    }
    assert.deepEqual(await allowedAddresses('receiver', rules, resolvesTo('192.168.0.7')), ['192.168.0.7'])
  })

  it('with a range that is none is refused', () => {
    for (const item of ['10.0.0.0/99', 'x/8', '10.0.0/y']) assert.throws(() => parseAllowList([item]))
  })
})
