import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeVoid } from './make-void.ts'

const REPORT = {
  tenantId: 'tnt_1',
  customerId: 'acc',
  reason: 'lost for good',
  damage: ['amount: stored 2, expected 1'],
  deltas: [
    { recordId: 'rec_1', logIndex: 4, delta: '7' },
    { recordId: 'rec_2', logIndex: 6, delta: '-1' },
  ],
  checkpoints: ['chk_1'],
}
const WORDS = ['--record', 'rec_1', '--reason', 'lost for good']

/** Runs the command against programs that end as told, and gives what was run and said. */
async function run(args: readonly string[], exitCodes: Readonly<Record<string, number>> = {}) {
  const ran: string[] = []
  const said: string[] = []
  const end = (name: string, output: string) => {
    ran.push(name)
    return Promise.resolve({ exitCode: exitCodes[name] ?? 0, output })
  }
  const exitCode = await makeVoid(
    args,
    {
      inPlane: (environment, words) =>
        end(`${environment} ${words.includes('--dry-run') ? 'try' : 'do'}`, JSON.stringify(REPORT)),
      inControl: (words) => end(words.join(' '), '17\n'),
    },
    (line) => said.push(line),
  )
  return { exitCode, ran, said }
}

const BEGIN =
  'void-begin --environment production --tenant tnt_1 --record rec_1 --reason lost for good --deltas 2'

test('a void is tried, noted as meant, done, and noted as done', async () => {
  const { exitCode, ran, said } = await run(['--environment', 'production', ...WORDS])
  assert.equal(exitCode, 0)
  assert.deepEqual(ran, ['production try', BEGIN, 'production do', 'void-end 17 done'])
  assert.deepEqual(said, [
    'tnt_1, customer acc: amount: stored 2, expected 1',
    '  a_4  rec_1  7',
    '  a_6  rec_2  -1',
    '  chk_1, which counted them',
    'Void. Verification goes on by itself.',
  ])
})

test('a dry run shows the same, and neither does nor notes anything', async () => {
  const { exitCode, ran, said } = await run([...WORDS, '--environment', 'sandbox', '--dry-run'])
  assert.equal(exitCode, 0)
  assert.deepEqual(ran, ['sandbox try'])
  assert.equal(said.at(-1), 'Nothing was changed: this was a dry run.')
})

test('what is refused at once is not noted; what is refused then, and what dies, ends as it must', async () => {
  const words = ['--environment', 'production', ...WORDS]
  assert.deepEqual(await run(words, { 'production try': 1 }), {
    exitCode: 1,
    ran: ['production try'],
    said: [],
  })
  const refused = await run(words, { 'production do': 1 })
  assert.deepEqual([refused.exitCode, refused.ran.at(-1)], [1, 'void-end 17 refused'])
  // Killed: nobody knows whether it is done, and the control plane tells so by itself.
  const killed = await run(words, { 'production do': 137 })
  assert.deepEqual([killed.exitCode, killed.ran.at(-1)], [137, 'production do'])
  const away = await run(words, { [BEGIN]: 1 })
  assert.deepEqual([away.exitCode, away.ran.length], [1, 2])
})

test('without an environment it is used wrongly', async () => {
  for (const args of [WORDS, ['--environment', 'prod', ...WORDS]]) {
    const { exitCode, ran } = await run(args)
    assert.deepEqual([exitCode, ran], [64, []])
  }
})
