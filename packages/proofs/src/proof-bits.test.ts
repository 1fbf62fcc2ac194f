import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { failedStepOf } from '../testdata/judge-vector.ts'
import type { ProofVector, VectorFile } from '../testdata/make-vectors.ts'

const FILE: VectorFile = JSON.parse(
  readFileSync(new URL('../testdata/vectors-v1.json', import.meta.url), 'utf8'),
)

/** A good proof of each kind, all of it; a fact's is found by its kind. */
const SOUND = ['delta 8 of bob.inc', 'checkpoint of one customer']

/** The proof with one bit of its bytes changed; as a reader of files takes what is no UTF-8. */
function flipped(bytes: Uint8Array, bit: number): string {
  const copy = Uint8Array.from(bytes)
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7))
  return new TextDecoder().decode(copy)
}

async function refusesEveryBit(vector: ProofVector, from = 0): Promise<void> {
  const bytes = new TextEncoder().encode(vector.proof)
  assert.equal(await failedStepOf(vector), null)
  const steps = new Set<string>()
  for (let bit = from * 8; bit < bytes.length * 8; bit++) {
    const step = await failedStepOf({ ...vector, proof: flipped(bytes, bit) })
    assert.notEqual(step, null, `${vector.name} with bit ${bit} changed is still taken`)
    steps.add(step ?? '')
  }
  for (const step of ['format', 'logRoot', 'logSignature']) assert.ok(steps.has(step), step)
}

for (const name of SOUND) {
  test(`P6 every single-bit change of a good proof is refused: ${name}`, async () => {
    await refusesEveryBit(
      FILE.vectors.find((vector) => vector.name === name) ?? assert.fail(`no vector ${name}`),
    )
  })
}

test('P6 every single-bit change of a good proof is refused: a fact', async () => {
  await refusesEveryBit(
    FILE.vectors.find(({ kind, verified }) => kind === 'fact' && verified) ?? assert.fail('no fact'),
  )
})

test('P6 every single-bit change of a head whose cosignatures are demanded is refused', async () => {
  const vector = FILE.vectors.find(({ name }) => name === 'cosigned by both witnesses') ?? assert.fail()
  const head = new TextEncoder().encode(vector.proof.slice(0, vector.proof.indexOf('\n\n'))).length
  await refusesEveryBit(vector, head)
})
