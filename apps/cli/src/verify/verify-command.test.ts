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
const LOG_VECTORS = new URL('log-vectors-v1.json', VECTORS)
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
      assert.equal(code, 2)
      assert.match(err, /^[^\n]+\n$/)
    }
  })
})

/** A vector of the log's own proofs, with each of its texts in a file. */
async function logVector(
  name: string,
): Promise<Record<'entry' | 'key', string> & { path(text: string): string }> {
  const { vectors } = JSON.parse(await readFile(LOG_VECTORS, 'utf8'))
  const vector = vectors.find((one: { name: string }) => one.name === name)
  const path = (text: string) => file(`${name.replaceAll(/\W/g, '-')}.${text}`)
  for (const text of ['note', 'proof', 'older', 'newer'])
    if (vector[text] !== undefined) await writeFile(path(text), vector[text])
  return { entry: vector.entry, key: vector.policy.logKeys[0], path }
}

describe('pacspace verify, what the log itself says', () => {
  it('a signed log checkpoint alone: who signed what, by a key that was given or stands in a file', async () => {
    const head = await logVector('note: of size 38')
    await writeFile(file('pinned.key'), `${head.key}\n`)
    for (const key of [head.key, file('pinned.key')]) {
      const { code, out, err } = await verify([head.path('note'), '--key', key])
      assert.equal(code, 0, err)
      assert.match(out, /✓ {2}1\. The file is a signed log checkpoint in the C2SP format\n/)
      assert.match(
        out,
        /\nVERIFIED: the head of pacspace\.test\/log\/\S+ with 38 entries and the root 0x\S+ is signed/,
      )
    }
    const json = await verify([head.path('note'), '--key', head.key, '--json'])
    const { kind, logCheckpoint } = JSON.parse(json.out)
    assert.deepEqual([kind, logCheckpoint.size], ['head', 38])
    assert.match(logCheckpoint.root, /^0x[0-9a-f]{64}$/)
  })

  it('a signed log checkpoint of another size, or without a key, is not verified', async () => {
    const head = await logVector('note: of size 38')
    const text = await readFile(head.path('note'), 'utf8')
    await writeFile(file('grown'), text.replace('\n38\n', '\n39\n'))
    for (const args of [[file('grown'), '--key', head.key], [head.path('note')]]) {
      const { code, out } = await verify(args)
      assert.equal(code, 1)
      assert.match(out, /✗ +2\. The head is not rightly signed/)
      assert.match(out, /NOT VERIFIED: /)
    }
  })

  it('a bare tlog-proof proves the entry, or the root, that one holds, and no other', async () => {
    const bare = await logVector('inclusion: entry 0 of 38')
    const proof = bare.path('proof')
    const { code, out, err } = await verify([proof, '--entry', bare.entry, '--key', bare.key])
    assert.equal(code, 0, err)
    assert.match(
      out,
      /\nVERIFIED: what you gave, as the log entry 0x01[0-9a-f]{64}, is entry 0 of pacspace\.test/,
    )
    // The smallest proof of docs/proofs.md is of this same delta: its root, as a counterparty holds it.
    const root = '0xe71fcd67c0e34609cb7e0fb228990a30fb084c93c0e8357e78bc650e6b483600'
    assert.equal((await verify([proof, '--root', root, '--key', bare.key])).code, 0)
    const other = root.replace('0xe7', '0xe8')
    const refused = await verify([proof, '--root', other, '--key', bare.key])
    assert.equal(refused.code, 1)
    assert.match(refused.out, /does not give the root in the signed head of the log\n {6}found/)
  })

  it('a consistency proof between two heads, as it is and as the route answers it', async () => {
    const grown = await logVector('consistency: from 20 to 38')
    const heads = ['--older', grown.path('older'), '--newer', grown.path('newer'), '--key', grown.key]
    const data = JSON.parse(await readFile(grown.path('proof'), 'utf8'))
    await writeFile(
      file('answer.json'),
      JSON.stringify({ success: true, statusCode: 200, data }, undefined, 2),
    )
    for (const proof of [grown.path('proof'), file('answer.json')]) {
      const { code, out, err } = await verify([proof, ...heads])
      assert.equal(code, 0, err)
      assert.equal(out.match(/✓/g)?.length, 7)
      assert.match(
        out,
        /\nVERIFIED: pacspace\.test\/log\/\S+ has grown from 20 to 38 entries, and nothing of it was rewritten\./,
      )
    }
    await writeFile(file('forged.json'), JSON.stringify({ ...data, proof: data.proof.toReversed() }))
    const refused = await verify([file('forged.json'), ...heads])
    assert.equal(refused.code, 1)
    assert.match(refused.out, /✗ +6\. The proof does not lead to the root of the older checkpoint/)
    const swapped = await verify([
      grown.path('proof'),
      '--older',
      grown.path('newer'),
      '--newer',
      grown.path('older'),
      '--key',
      grown.key,
    ])
    assert.equal(swapped.code, 1)
    assert.match(
      swapped.out,
      /✗ +3\. The files are not two checkpoints of one log with the proof between them/,
    )
  })

  it('what is missing is asked for, in one line, with exit code 2', async () => {
    const bare = await logVector('inclusion: entry 0 of 38')
    const grown = await logVector('consistency: from 20 to 38')
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [[bare.path('proof'), '--key', bare.key], /does not say what it proves.*--root or --entry/],
      [[bare.path('proof'), '--root', '0x12', '--key', bare.key], /^--root is 0x and 64/],
      [[bare.path('proof'), '--entry', '12', '--key', bare.key], /^--entry is 66 lower-case hex digits/],
      [[grown.path('proof'), '--key', grown.key], /--older and --newer\n$/],
      [
        [grown.path('older'), '--older', grown.path('older'), '--key', grown.key],
        /^--older and --newer are for/,
      ],
    ]
    for (const [args, message] of cases) {
      const { code, out, err } = await verify(args)
      assert.equal(code, 2)
      assert.match(err, message)
      assert.match(err, /^[^\n]+\n$/)
      assert.equal(out, '')
    }
  })
})
