import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { sampleProof } from './testing/sample-proof.ts'

const main = fileURLToPath(import.meta.resolve('../main.ts'))
const sample = sampleProof()
const VECTORS = new URL('../../../../packages/proofs/testdata/vectors-v1.json', import.meta.url)
let folder: string
const file = (name: string) => join(folder, name)

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pacspace-verify-'))
  await writeFile(file('delta.tlog-proof'), sample.text)
  await writeFile(file('log.key'), `${sample.publicKey}\n`)
})
after(() => rm(folder, { recursive: true, force: true }))

/** Runs `pacspace verify` in a process that the runtime lets read files and nothing else: no network. */
async function verify(
  args: readonly string[],
  stdin = '',
): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, ['--permission', '--allow-fs-read=*', main, 'verify', ...args], {
    env: {},
  })
  child.stdin.end(stdin)
  const [out, err, code] = await Promise.all([
    child.stdout.setEncoding('utf8').toArray(),
    child.stderr.setEncoding('utf8').toArray(),
    new Promise<number | null>((resolve) => child.once('exit', resolve)),
  ])
  return { code, out: out.join(''), err: err.join('') }
}

describe('pacspace verify, without network', () => {
  it('shows every step in words and exits 0, the key in a file or as text', async () => {
    for (const key of [file('log.key'), sample.publicKey]) {
      const { code, out, err } = await verify([file('delta.tlog-proof'), '--key', key])
      assert.equal(code, 0, err)
      assert.match(
        out,
        /✓ {2}2\. The record says: delta -30 of cust_77, its number 3, .*; balance after it -60\n/,
      )
      assert.equal(out.match(/✓/g)?.length, 9)
      assert.match(
        out,
        /\nVERIFIED: delta -30 of cust_77, number 3 in its ledger, balance after it -60, .* entry 3 of/,
      )
    }
  })

  it('reads the proof from standard input', async () => {
    const { code } = await verify(['-', '--key', sample.publicKey], sample.text)
    assert.equal(code, 0)
  })

  it('refuses a changed amount: names the step that differs, both values, and exits 1', async () => {
    const extra = /^extra (.*)$/m.exec(sample.text)?.[1] ?? ''
    const forged = Buffer.from(extra, 'base64').toString().replace('"delta":"-30"', '"delta":"-31"')
    await writeFile(file('forged'), sample.text.replace(extra, Buffer.from(forged).toString('base64')))
    const { code, out } = await verify([file('forged'), '--key', sample.publicKey])
    assert.equal(code, 1)
    assert.match(
      out,
      /✗ +8\. .* does not give the root in the signed head of the log\n {6}found {4}0x.*\n {6}expected 0x/,
    )
    assert.match(out, /\nNOT VERIFIED: /)
  })

  it('without a key nothing counts as verified', async () => {
    const { code, out } = await verify([file('delta.tlog-proof')])
    assert.equal(code, 1)
    assert.match(out, /✗ +9\. The head is not rightly signed with a key that you trust/)
    assert.match(out, /say with --key whose signature you trust/)
  })

  it('with --json gives the verdict and its steps', async () => {
    const { code, out } = await verify([file('delta.tlog-proof'), '--key', sample.publicKey, '--json'])
    assert.equal(code, 0)
    const verdict = JSON.parse(out)
    assert.equal(verdict.verified, true)
    assert.equal(verdict.record.balance, '-60')
    assert.match(verdict.logCheckpoint.root, /^0x[0-9a-f]{64}$/)
    assert.deepEqual(verdict.steps.map(({ name }: { name: string }) => name).slice(-2), [
      'logRoot',
      'logSignature',
    ])
  })

  it('takes proofs of every kind: each step in words, the verdict in a sentence, and the kind in the JSON', async () => {
    const { vectors } = JSON.parse(await readFile(VECTORS, 'utf8'))
    const kinds = {
      checkpoint:
        /VERIFIED: checkpoint of bob\.inc for 2026-01 \(closed\), 20 deltas, from 0 by \S+ to \S+, is entry/,
      fact: /VERIFIED: fact with the content hash sha256_[0-9a-f]{64}, stated 2026-\S+, is entry \d+ of/,
    }
    for (const [kind, sentence] of Object.entries(kinds)) {
      const good = vectors.find(
        (one: { kind: string; verified: boolean }) => one.kind === kind && one.verified,
      )
      await writeFile(file(kind), good.proof)
      const [key] = good.policy.logKeys
      const { code, out, err } = await verify([file(kind), '--key', key])
      assert.equal(code, 0, err)
      assert.match(out, sentence)
      assert.match(out, /✓ {2}2\. The record says: .+\n/)
      const json = await verify([file(kind), '--key', key, '--json'])
      assert.deepEqual([JSON.parse(json.out).kind, JSON.parse(json.out).verified], [kind, true])
      await writeFile(file('bad'), good.proof.replace(/^index \d+$/m, 'index 0'))
      const refused = await verify([file('bad'), '--key', key])
      assert.equal(refused.code, 1)
      assert.match(refused.out, /NOT VERIFIED: /)
    }
  })

  it('says in one line what is wrong with a file or a key that cannot be read', async () => {
    for (const args of [
      [file('none')],
      [file('delta.tlog-proof'), '--key', file('none')],
      [file('delta.tlog-proof'), '--key', file('delta.tlog-proof')],
    ]) {
      const { code, err } = await verify(args)
      assert.equal(code, 1)
      assert.match(err, /^[^\n]+\n$/)
    }
  })
})
