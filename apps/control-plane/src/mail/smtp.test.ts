import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { after, before, describe, test } from 'node:test'
import type { Timestamp } from '@pacspace/api/timestamp'
import { smtpTransport } from './smtp.ts'

/** What one mail brought to the server. */
interface Received {
  readonly from: string
  readonly to: string[]
  readonly data: string
}

const received: Received[] = []
let server: Server
let url: string
/** Answered to DATA's end; 2xx accepts. */
let verdict = '250 accepted'

before(async () => {
  server = smtpServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`
})
after(() => new Promise((resolve) => server.close(resolve)))

const mail = {
  to: 'jane+tag@example.com',
  subject: 'Grüße from PacSpace',
  text: 'Hello,\n\nhttps://pacspace.test/verify-email?token=abc\n',
  html: '<p>Hello,</p>\n<p><a href="https://pacspace.test/">Verify</a></p>\n',
  links: [],
  createdAt: '2026-01-15T12:00:00.000Z' as Timestamp,
}

describe('a mail server', () => {
  test('gets the mail as plain text and as HTML, from the configured sender, to its one recipient', async () => {
    await smtpTransport({ url, from: 'PacSpace <no-reply@pacspace.test>' })(mail)
    const [got, ...more] = received
    assert.deepEqual(more, [])
    assert.equal(got?.from, 'MAIL FROM:<no-reply@pacspace.test>')
    assert.deepEqual(got?.to, ['RCPT TO:<jane+tag@example.com>'])
    assert.match(got?.data ?? '', /^From: PacSpace <no-reply@pacspace\.test>\r$/m)
    assert.match(got?.data ?? '', /^Content-Type: multipart\/alternative;/m)
    assert.match(got?.data ?? '', /^Content-Type: text\/plain; charset=utf-8\r$/m)
    assert.match(got?.data ?? '', /^Content-Type: text\/html; charset=utf-8\r$/m)
    assert.match(got?.data ?? '', /<p>Hello,<\/p>/)
    assert.match(got?.data ?? '', /verify-email\?token=3Dabc|verify-email\?token=abc/)
  })

  test('that refuses the mail makes the job fail, so that it is tried again', async () => {
    verdict = '451 try later'
    await assert.rejects(smtpTransport({ url, from: 'no-reply@pacspace.test' })(mail), /451/)
  })
})

test('a mail server that is away makes the job fail', async () => {
  const closed = createServer().listen(0, '127.0.0.1')
  await once(closed, 'listening')
  const { port } = closed.address() as AddressInfo
  await new Promise((resolve) => closed.close(resolve))
  const send = smtpTransport({ url: `smtp://127.0.0.1:${port}`, from: 'no-reply@pacspace.test' })
  await assert.rejects(send(mail), /ECONNREFUSED/)
})

/** As much of RFC 5321 as a sender needs. */
function smtpServer(): Server {
  return createServer((socket) => {
    let from = ''
    let to: string[] = []
    let data: string[] | undefined
    let rest = ''
    const say = (line: string) => socket.write(`${line}\r\n`)
    say('220 test')
    const hear = (line: string) => {
      if (data !== undefined) {
        if (line !== '.') return void data.push(line)
        received.push({ from, to, data: data.join('\r\n') })
        data = undefined
        return void say(verdict)
      }
      if (/^EHLO/.test(line)) return void say('250 test')
      if (/^MAIL/.test(line)) [from, to] = [line, []]
      if (/^RCPT/.test(line)) to.push(line)
      if (/^DATA/.test(line)) {
        data = []
        return void say('354 go on')
      }
      say(/^QUIT/.test(line) ? '221 bye' : '250 ok')
      if (/^QUIT/.test(line)) socket.end()
    }
    socket.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\r\n')
      rest = lines.pop() ?? ''
      for (const line of lines) hear(line)
    })
    socket.on('error', () => {})
  })
}
