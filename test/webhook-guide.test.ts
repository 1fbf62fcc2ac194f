/** docs/webhooks.md does what it says: its receivers are started and sent good and bad requests, its vectors are checked. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, it } from 'node:test'
import { freePort } from '@pacspace/service/embedded-postgres/free-port'
import { Webhooks } from '@pacspace-io/sdk/core/webhooks'

const guide = readFileSync(join(import.meta.dirname, '../docs/webhooks.md'), 'utf8')
const SECRET = `whsec_${Buffer.alloc(32, 5).toString('base64')}`
const OLD_SECRET = `whsec_${Buffer.alloc(32, 6).toString('base64')}`
const EVENT = {
  payload: '{"id":"evt_1","type":"delta.verified","data":{}}',
  id: 'evt_1',
  event: 'delta.verified',
}

function example(language: string): string {
  const text = new RegExp(`\`\`\`${language}\n([\\s\\S]+?)\`\`\``).exec(guide)?.[1]
  assert.ok(text, `the guide has an example in ${language}`)
  return text
}

/** Runs a receiver of the guide and gives the statuses it answers, and what it printed. */
async function receive(program: string, name: string, requests: readonly [string, Record<string, string>][]) {
  const folder = mkdtempSync(join(tmpdir(), 'pacspace-guide-'))
  const file = join(folder, name)
  writeFileSync(file, example(name.endsWith('.mjs') ? 'js' : 'python'))
  const port = await freePort()
  const child = spawn(program, [file], {
    env: { ...process.env, PORT: String(port), PACSPACE_WEBHOOK_SECRET: SECRET },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: string[] = []
  const reader = createInterface({ input: child.stdout })
  await once(reader, 'line')
  reader.on('line', (line) => lines.push(line))
  const statuses: number[] = []
  for (const [body, headers] of requests) {
    const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body, headers })
    statuses.push(response.status)
  }
  child.kill()
  await once(child, 'exit')
  await rm(folder, { recursive: true })
  return { statuses, lines }
}

for (const [program, name] of [
  [process.execPath, 'receiver.mjs'],
  ['python3', 'receiver.py'],
] as const) {
  it(`the receiver in ${name} takes what is genuine, once, and nothing else`, async () => {
    const good = await new Webhooks(SECRET).sign(EVENT)
    const rotating = await new Webhooks([OLD_SECRET, SECRET]).sign(EVENT)
    const foreign = await new Webhooks(OLD_SECRET).sign(EVENT)
    const old = await new Webhooks(SECRET).sign({ ...EVENT, timestamp: Math.floor(Date.now() / 1_000) - 301 })
    const { statuses, lines } = await receive(program, name, [
      [EVENT.payload, good],
      [EVENT.payload, good],
      [EVENT.payload, rotating],
      [`${EVENT.payload} `, good],
      [EVENT.payload, foreign],
      [EVENT.payload, old],
      [EVENT.payload, {}],
    ])
    assert.deepEqual(statuses, [200, 200, 200, 400, 400, 400, 400])
    assert.deepEqual(lines, ['delta.verified evt_1'])
  })
}

describe('W1 the vectors of the guide', () => {
  const [, payload = '', timestamp = '', id = ''] =
    /Body `(.+?)`, timestamp `(\d+)`, id `(\w+)`/.exec(guide) ?? []
  const rows = [...guide.matchAll(/^\| `(whsec_\S+)` \| `(v1=\w+)` \| (.+) \|$/gm)]

  it('are two', () => assert.equal(rows.length, 2))

  for (const [, secret = '', own, standard] of rows) {
    it(secret, async () => {
      const headers = await new Webhooks(secret).sign({
        payload,
        id,
        event: 'delta.verified',
        timestamp: Number(timestamp),
      })
      assert.equal(headers['x-pacspace-signature'], own)
      const expected = headers['webhook-signature']
      assert.equal(standard, expected === undefined ? '(no base64, so none)' : `\`${expected}\``)
    })
  }
})
