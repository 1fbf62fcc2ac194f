import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { failedStepOf, judge } from '../testdata/judge-vector.ts'
import { type LogVector, type LogVectorFile, makeLogVectors } from '../testdata/make-log-vectors.ts'
import { askIndependent, skipWithoutPython } from '../testdata/run-independent.ts'
import { toHex } from './hex.ts'
import { portableSha256, sha256Engine, sha256Text, useSha256 } from './sha256.ts'

const TEXT = readFileSync(new URL('../testdata/log-vectors-v1.json', import.meta.url), 'utf8')
const FILE: LogVectorFile = JSON.parse(TEXT)
/** Never to be changed, as that of the proof files' vectors. */
const FILE_SHA256 = '0x222a831da0e4ce9ec1cb0eaa44c59f2be4457b2ab0af0fae2dda2f652df5003a'

test('P12 the version 1 vectors of the log are the committed ones, and the committed script still makes them', () => {
  assert.equal(toHex(sha256Text(TEXT)), FILE_SHA256)
  assert.deepEqual(makeLogVectors(), FILE)
})

test('P6 there are good and bad notes, inclusions and consistency proofs, each with a name of its own', () => {
  assert.equal(new Set(FILE.vectors.map(({ name }) => name)).size, FILE.vectors.length)
  for (const kind of ['note', 'inclusion', 'consistency']) {
    const ofKind = FILE.vectors.filter((vector) => vector.kind === kind)
    assert.ok(ofKind.filter(({ verified }) => verified).length >= 15, kind)
    assert.ok(ofKind.filter(({ verified }) => !verified).length >= 30, kind)
  }
})

test('P6 every vector of the log gets its verdict, and every refusal names the step and both its values', async () => {
  await judgeAll()
})

test('P6 the verdicts on the log are the same with the portable SHA-256 of browsers and Workers', async () => {
  const native = sha256Engine()
  useSha256(portableSha256)
  try {
    await judgeAll()
  } finally {
    useSha256(native)
  }
})

test('P6 the independent Python implementation gives the same verdicts on notes, inclusion and consistency', {
  skip: skipWithoutPython,
}, () => {
  const { verdicts } = JSON.parse(askIndependent('vectors', TEXT))
  for (const { name, verified } of FILE.vectors) assert.equal(verdicts[name], verified, name)
})

async function judgeAll(): Promise<void> {
  for (const vector of FILE.vectors) {
    const verdict = await judge(vector)
    assert.equal(verdict.verified, vector.verified, vector.name)
    if (verdict.verified) {
      assert.ok(verdict.steps.every(({ ok }) => ok))
      continue
    }
    assert.equal(verdict.failedStep.name, vector.failedStep, vector.name)
    assert.equal(verdict.steps.at(-1), verdict.failedStep)
    assert.notEqual(verdict.failedStep.computed, verdict.failedStep.expected, vector.name)
    assert.ok(verdict.message.length > 0)
  }
}

/** Good vectors whose every text is damaged bit by bit, one of each kind at least. */
const SOUND: Readonly<Record<string, readonly ('note' | 'entry' | 'proof' | 'older' | 'newer')[]>> = {
  'note: of size 38': ['note'],
  'note: cosigned, witnesses demanded': ['note'],
  'inclusion: entry 5 of 38': ['entry', 'proof'],
  'inclusion: entry 0 of 5': ['entry', 'proof'],
  'consistency: from 7 to 8': ['older', 'newer', 'proof'],
  'consistency: from 16 to 32': ['older', 'newer', 'proof'],
  'consistency: from 20 to 38': ['older', 'newer', 'proof'],
}

for (const [name, texts] of Object.entries(SOUND)) {
  test(`P6 every single-bit change of a good one is refused: ${name}`, async () => {
    const vector = FILE.vectors.find((one) => one.name === name) ?? assert.fail(`no vector ${name}`)
    assert.equal(await failedStepOf(vector), null)
    for (const text of texts) {
      for (const [bit, changed] of damagedBitByBit(vector, text)) {
        assert.notEqual(
          await failedStepOf(changed),
          null,
          `${name}: ${text} with bit ${bit} changed is taken`,
        )
      }
    }
  })
}

/** The vector with one bit of one of its texts changed; as a reader of files takes what is no UTF-8. An entry is hex of its bytes. */
function* damagedBitByBit(vector: LogVector, text: string): Generator<[number, LogVector]> {
  const isEntry = text === 'entry'
  const value = String(Reflect.get(vector, text))
  const bytes = isEntry ? Buffer.from(value.slice(2), 'hex') : Buffer.from(value)
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const copy = Uint8Array.from(bytes)
    copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    yield [
      bit,
      {
        ...vector,
        [text]: isEntry ? toHex(copy) : new TextDecoder('utf-8', { ignoreBOM: true }).decode(copy),
      },
    ]
  }
}
