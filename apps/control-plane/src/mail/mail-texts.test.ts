import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { addressTakenMail, passwordChangedMail, resetPasswordMail, verifyEmailMail } from './account-mails.ts'
import { asName, type MailText } from './mail-body.ts'
import { keyMail, planMail, usageMail, webhookMail } from './notice-mails.ts'
import { invitationMail, memberRemovedMail, roleChangedMail } from './team-mails.ts'

const PUBLIC_URL = 'https://p.test'
const TOKEN = 'AbC-_123'

/** Everything that a stranger may have typed, in every mail there is. */
function everyMail(name: string): Record<string, MailText> {
  const to = { firstName: name, publicUrl: PUBLIC_URL }
  const key = { keyName: name, publicKey: 'pk_live_ABC', environment: 'production', by: name } as const
  const webhook = { endpointId: 'wh_1', environment: 'sandbox', by: name } as const
  return {
    verify: verifyEmailMail({ ...to, token: TOKEN }),
    taken: addressTakenMail(to),
    reset: resetPasswordMail({ ...to, token: TOKEN }),
    changed: passwordChangedMail(to),
    invitation: invitationMail({
      companyName: name,
      invitedBy: name,
      role: 'admin',
      token: TOKEN,
      publicUrl: PUBLIC_URL,
    }),
    role: roleChangedMail({ ...to, companyName: name, oldRole: 'viewer', newRole: 'admin' }),
    removed: memberRemovedMail({ firstName: name, companyName: name }),
    keyCreated: keyMail({ ...to, ...key, change: 'created' }),
    keyRotated: keyMail({ ...to, ...key, change: 'rotated' }),
    keyRevoked: keyMail({ ...to, ...key, change: 'revoked' }),
    webhookCreated: webhookMail({ ...to, ...webhook, change: 'created' }),
    webhookRotated: webhookMail({ ...to, ...webhook, change: 'secret_rotated' }),
    webhookDeleted: webhookMail({ ...to, ...webhook, change: 'deleted' }),
    webhookDisabled: webhookMail({ ...to, ...webhook, by: null, change: 'disabled' }),
    usage80: usageMail({ ...to, percent: 80, included: 100, stops: true }),
    usage100: usageMail({ ...to, percent: 100, included: 10_000, stops: false }),
    plan: planMail({ ...to, oldTier: 'free', newTier: 'pilot' }),
  }
}

/** HTML as a reader without mark-up reads it. */
function readText(html: string): string {
  return html
    .replace(/<head>.*<\/head>/s, '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('&#39;', "'")
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}

describe('every mail', () => {
  for (const [name, mail] of Object.entries(everyMail('Zoë-Anne O’Neil'))) {
    test(`${name}: says the same in text and in HTML, and loads nothing`, () => {
      const words = (text: string) => new Set(text.match(/[\p{L}\p{N}%€_-]{3,}/gu))
      const inHtml = words(readText(mail.html))
      const missing = [...words(mail.text)].filter((word) => !inHtml.has(word))
      assert.deepEqual(missing, [])
      assert.doesNotMatch(mail.html, /<(?:img|script|link|iframe|form)|src=|url\(|@import/i)
      assert.match(mail.html, /^<!doctype html>\n<html lang="en">/)
      assert.equal(mail.text.includes('<'), false)
      assert.equal(mail.subject.includes('\n'), false)
    })

    test(`${name}: links start with the configured address, and are in both forms (A-9)`, () => {
      for (const link of mail.links) {
        assert.ok(link.startsWith(`${PUBLIC_URL}/`), link)
        assert.ok(mail.text.includes(link))
        assert.ok(mail.html.includes(`href="${link}"`))
      }
      const hrefs = [...mail.html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)
      assert.deepEqual(hrefs, mail.links)
    })
  }

  test('names the person and the company where they are names', () => {
    const mails = everyMail('Ada Lovelace')
    assert.match(mails.verify?.text ?? '', /^Hello Ada Lovelace,\n/)
    assert.match(mails.invitation?.text ?? '', /Ada Lovelace invites you to join Ada Lovelace/)
    assert.match(
      mails.keyCreated?.text ?? '',
      /Key: pk_live_ABC\nName: Ada Lovelace\nEnvironment: Production\nBy: Ada/,
    )
  })
})

describe('K12 what a stranger typed', () => {
  const hostile = [
    '<script>alert(1)</script>',
    '"><a href="https://evil.example">click</a>',
    'Win at https://evil.example',
    'evil.example',
    'Acme\r\nBcc: all@evil.example',
    'Acme\nSecond evil line',
    'evil'.repeat(40),
    '=HYPERLINK("https://evil.example")',
    'evil\u202egpj',
    'evil\u0000',
    'me@evil.example',
  ]
  for (const name of hostile) {
    test(`${JSON.stringify(name).slice(0, 50)} appears in no part of any mail`, () => {
      for (const [kind, mail] of Object.entries(everyMail(name))) {
        const whole = `${mail.subject}\n${mail.text}\n${mail.html}`
        assert.doesNotMatch(whole, /evil|alert\(1\)|Bcc/, kind)
      }
    })
  }

  test('names of people, companies and keys as they are in the world stay', () => {
    for (const name of ['Acme Inc.', 'Müller & Söhne', 'CI (staging)', 'L’Oréal', 'key_2', '日本'])
      assert.equal(asName(name, ''), name)
  })
})
