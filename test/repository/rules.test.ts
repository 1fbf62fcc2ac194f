/** Each rule of the house against what it must refuse and what it must let pass: a rule that cannot fail is none. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { reasonsForAssertions } from './assertion-rules.ts'
import { deadFiles } from './dead-files.ts'
import { docstrings } from './docstring-rules.ts'
import { sqlInItsFiles, statementNames, timeAndRandomness } from './domain-rules.ts'
import { importTable } from './import-rules.ts'
import { fileNames } from './naming-rules.ts'
import { fileLength, functionLength } from './size-rules.ts'
import { parseCode, type Rule } from './source-files.ts'
import { refusedIn } from './text-rules.ts'

const LEDGER = 'apps/data-plane/src/ledger'
const LONG_BODY = '  work()\n'.repeat(69)

/** Path → text. Every path of `refused` must be found, and none of `allowed`. */
interface Sample {
  readonly rule: Rule
  readonly refused: Readonly<Record<string, string>>
  readonly allowed: Readonly<Record<string, string>>
}

const SAMPLES: Readonly<Record<string, Sample>> = {
  'the import table': {
    rule: importTable,
    refused: {
      'packages/api/src/a.ts': `import { x } from '@pacspace/service/http'`,
      'packages/proofs/src/a.ts': `import { createHash } from 'node:crypto'`,
      'packages/proofs/src/b.ts': `import type { Amount } from '@pacspace/api/amount'`,
      'packages/service/src/a.ts': `import { x } from '@pacspace/testing/harness'`,
      'packages/sdk/src/a.ts': `import { x } from '@pacspace/api/amount'`,
      'apps/control-plane/src/accounts/a.ts': `import { x } from '@pacspace/proofs/tree'`,
      'apps/gateway/src/a.ts': `const m = await import('@pacspace/data-plane/main')`,
      'apps/gateway/src/b.ts': `export { x } from '../../data-plane/src/main.ts'`,
      [`${LEDGER}/a.ts`]: `import { x } from '../anchors/anchors.sql.ts'`,
      [`${LEDGER}/b.ts`]: `import { x } from '@pacspace/testing/harness'`,
      'apps/dashboard/src/keys/a.tsx': `import { x } from '../customers/CustomerPage.tsx'`,
    },
    allowed: {
      'packages/sdk/src/b.ts': `import type { x } from '@pacspace/api/amount'`,
      'packages/sdk/src/c.test.ts': `import { createServer } from 'node:http'`,
      'apps/control-plane/src/accounts/b.ts': `import { x } from '@pacspace/api/amount'`,
      'apps/data-plane/src/main.ts': `import { x } from './ledger/append.ts'`,
      [`${LEDGER}/c.ts`]: `import { x } from '../anchors/front-door.ts'\nimport { y } from '../config.ts'`,
      [`${LEDGER}/c.test.ts`]: `import { x } from '@pacspace/testing/harness'\nimport { y } from '../anchors/a.ts'`,
      'apps/dashboard/src/keys/b.tsx': `import { x } from '../ui/Button.tsx'`,
      'tools/a.ts': `import { x } from '@pacspace/testing/test-postgres'`,
    },
  },
  'reasons for assertions': {
    rule: reasonsForAssertions,
    refused: {
      'packages/api/src/a.ts': 'export const first = (a: number[]) => a[0]!',
      'packages/api/src/b.ts': 'const x = input as Known',
      'packages/api/src/c.ts': `function f() {\n  // about y\n}\nconst x = input as unknown as Known`,
      'packages/api/src/d.ts': `/** Doc. */\nfunction f() {\n${LONG_BODY}  return a!\n}`,
    },
    allowed: {
      'packages/api/src/e.ts': `const x = ['a'] as const`,
      'packages/api/src/l.ts': 'const counts = { hot: [] as number[] }',
      'packages/api/src/f.ts': `type Known = string & { brand: 1 }\nconst x = input as Known`,
      'packages/api/src/g.ts': `const x = list[0]! // never empty: checked above`,
      'packages/api/src/h.ts': `// The schema has just been checked.\nconst x = input as Known`,
      'packages/api/src/i.ts': `/** The index is below the length. */\nfunction at(a: number[], i: number) {\n  return a[i]!\n}`,
      'packages/api/src/j.test.ts': 'const x = list[0]!',
      'packages/api/src/k.ts': `function f() {\n${LONG_BODY}  // checked by g\n  return a!\n}`,
    },
  },
  docstrings: {
    rule: docstrings,
    refused: {
      'packages/api/src/a.ts': 'export function f() {}',
      'packages/api/src/b.ts': '// not a docstring\nexport const f = () => 1',
      'packages/api/src/c.ts': 'export class Log {}',
      'packages/api/src/d.ts': 'export const emitDelta = implement(definition, async () => {})',
      [`${LEDGER}/ledger.sql.ts`]: 'export const insertDelta = `insert into delta`',
    },
    allowed: {
      'packages/api/src/e.ts':
        '/** Gives 1. */\nexport function f(): number\nexport function f(a?: number) {}',
      'packages/api/src/f.ts': 'function inner() {}\nexport const LIMIT = 3\nexport type A = string',
      'packages/api/src/g.test.ts': 'export function f() {}',
    },
  },
  'time and randomness': {
    rule: timeAndRandomness,
    refused: {
      [`${LEDGER}/a.ts`]: 'const at = Date.now()',
      [`${LEDGER}/b.ts`]: 'const at = new Date()',
      [`${LEDGER}/c.ts`]: `import { randomBytes } from 'node:crypto'`,
      [`${LEDGER}/d.ts`]: 'const id = globalThis.crypto.randomUUID()',
      [`${LEDGER}/e.ts`]: 'const id = Math.random()',
      [`${LEDGER}/f.ts`]: 'const at = Temporal.Now.instant()',
    },
    allowed: {
      [`${LEDGER}/g.ts`]: 'const at = clock.now()\nconst text = new Date(at).toISOString()',
      [`${LEDGER}/h.ts`]: `import type { RandomBytes } from '@pacspace/api/id'\nfunction f(randomBytes: RandomBytes) { return randomBytes(6) }`,
      [`${LEDGER}/i.test.ts`]: 'const at = Date.now()',
      'apps/data-plane/src/main.ts': 'const at = Date.now()',
    },
  },
  'SQL in its files': {
    rule: sqlInItsFiles,
    refused: {
      [`${LEDGER}/a.ts`]: 'const text = `select balance from customer_head`',
      [`${LEDGER}/b.ts`]: `const text = 'INSERT INTO delta VALUES ($1)'`,
      [`${LEDGER}/c.ts`]: 'const text = `update log_head set size = $' + '{n}`',
    },
    allowed: {
      [`${LEDGER}/ledger.sql.ts`]: 'const text = `select balance from customer_head`',
      [`${LEDGER}/d.ts`]: `const text = 'Select a plan to go live.'\nconst other = 'delete'`,
    },
  },
  'names of statements': {
    rule: statementNames,
    refused: {
      [`${LEDGER}/second.sql.ts`]: `const a = { name: 'select_delta', text: 'x' }`,
    },
    allowed: {
      [`${LEDGER}/a.sql.ts`]: `const a = { name: 'select_delta', text: 'x' }\nconst b = { name: 'select_end', text: 'x' }`,
      'apps/control-plane/src/billing/billing.sql.ts': `const a = { name: 'select_delta', text: 'x' }`,
    },
  },
  'function length': {
    rule: functionLength,
    refused: {
      'packages/api/src/a.ts': `function f() {\n${LONG_BODY}}`,
      'packages/api/src/b.test.ts': `it('x', () => {\n${LONG_BODY}})`,
    },
    allowed: {
      'packages/api/src/c.ts': `function f() {\n${LONG_BODY.slice('  work()\n'.length)}}`,
      'packages/api/src/d.test.ts': `describe('x', () => {\n${LONG_BODY}})`,
      'apps/dashboard/src/a.tsx': `function Page() {\n${LONG_BODY}}`,
    },
  },
  'file length': {
    rule: (files) => fileLength(files, {}),
    refused: { 'packages/api/src/a.ts': `${'work()\n'.repeat(601)}` },
    allowed: { 'packages/api/src/b.ts': `${'work()\n'.repeat(600)}` },
  },
  'dead files': {
    rule: deadFiles,
    refused: { 'packages/api/src/dead.ts': 'export const a = 1' },
    allowed: {
      'packages/api/src/dead.test.ts': `import { a } from './dead.ts'`,
      'packages/api/src/alive.ts': 'export const a = 1',
      'apps/data-plane/src/main.ts': `import { a } from '@pacspace/api/alive'\nnew Worker(new URL('./worker.ts', import.meta.url))`,
      'apps/data-plane/src/worker.ts': 'work()',
    },
  },
}

describe('rules of the house', () => {
  for (const [name, { rule, refused, allowed }] of Object.entries(SAMPLES)) {
    it(`${name}: refuses each bad sample and no good one`, () => {
      const found = rule(parseCode({ ...refused, ...allowed }))
      assert.deepEqual(
        [...new Set(found.map(({ path }) => path))].sort(),
        Object.keys(refused).sort(),
        found.map(({ path, message }) => `${path}  ${message}`).join('\n'),
      )
    })
  }

  it('file names: refuses drawers, barrels, other spellings and unnumbered migrations', () => {
    const refused = [
      'packages/api/src/index.ts',
      'packages/api/src/testHelpers.ts',
      'packages/api/src/test-helpers.ts',
      'packages/api/src/types.ts',
      'apps/data-plane/migrations/ledger.sql',
      'apps/data-plane/src/shared/amount.ts',
      'apps/data-plane/src/ledger/EmitDelta.ts',
    ]
    const allowed = [
      'packages/service/src/postgres-types.ts',
      'apps/data-plane/migrations/0001_ledger_delta.sql',
      'apps/data-plane/src/ledger/ledger.sql.ts',
      'apps/dashboard/src/customers/CustomerPage.tsx',
      'docs/index.ts',
    ]
    assert.deepEqual(
      fileNames([...refused, ...allowed]).map(({ path }) => path),
      refused,
    )
  })

  it('file length: a listed file may not grow, and its number may not be higher than needed', () => {
    const files = parseCode({ 'a.ts': 'work()\n'.repeat(650) })
    assert.equal(fileLength(files, { 'a.ts': 650 }).length, 0)
    assert.match(fileLength(files, { 'a.ts': 649 })[0]?.message ?? '', /650 lines, at most 649/)
    assert.match(fileLength(files, { 'a.ts': 700 })[0]?.message ?? '', /lower it to 650/)
    assert.match(fileLength([], { 'a.ts': 700 })[0]?.message ?? '', /take it off the list/)
  })

  it('texts: refuses marks, machine paths and registry hosts, each with its line', () => {
    const marks = [
      'FIX' + 'ME later',
      `TO${'DO'} later`,
      `open /${'home'}/ada/x`,
      `"${'resolved'}": "https://x"`,
    ]
    for (const mark of marks) {
      assert.deepEqual(
        refusedIn('a.md', `fine\n${mark}\n`).map(({ line }) => line),
        [2],
        mark,
      )
    }
    assert.deepEqual(refusedIn('a.md', `TO${'DO'}(decision 0007): later, https://example.com/home/ada/x`), [])
  })
})
