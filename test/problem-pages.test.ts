import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { STATUS_CODES } from 'node:http'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { type ProblemCode, problemCodes, problems, type Retry } from '@pacspace/api/problem'

const FOLDER = join(dirname(import.meta.dirname), 'docs/problems')
const RETRY_WORDS: Readonly<Record<Retry, string>> = {
  later: 'the same call later',
  'after-change': 'after a change',
  never: 'no',
}
const SECTIONS = ['What happened', 'Why', 'What to do', 'Example answer']

const read = (name: string) => readFileSync(join(FOLDER, name), 'utf8')

describe('docs/problems', () => {
  it('has a page for every code, and a code for every page', () => {
    const pages = globSync('*.md', { cwd: FOLDER }).filter((name) => name !== 'README.md')
    assert.deepEqual(pages.sort(), problemCodes.map((code) => `${code}.md`).sort())
  })

  it('lists every code with status and retry, in the order of the registry', () => {
    const rows = [...read('README.md').matchAll(/^\| \[(\w+)\]\(\1\.md\) \| (\d+) \| ([^|]+) \|/gm)]
    const listed = rows.map(([, code, status, retry]) => [code, Number(status), retry])
    const expected = problemCodes.map((code) => [
      code,
      problems[code].status,
      RETRY_WORDS[problems[code].retry],
    ])
    assert.deepEqual(listed, expected)
  })

  for (const code of problemCodes) {
    it(`${code} says what the registry says`, () => {
      const page = read(`${code}.md`)
      const { status, retry } = problems[code]
      assert.ok(
        page.startsWith(
          `# ${code}\n\nStatus: ${status} ${STATUS_CODES[status]}  \nRetry: ${RETRY_WORDS[retry]}\n`,
        ),
      )
      assert.deepEqual(
        [...page.matchAll(/^## (.+)$/gm)].map(([, title]) => title),
        SECTIONS,
      )
      for (const text of page.split(/^## .+$/m).slice(1))
        assert.ok(text.trim().length > 20, 'no section is empty')
      assertExample(code, page)
    })
  }

  it('links lead to pages that exist', () => {
    for (const name of globSync('*.md', { cwd: FOLDER })) {
      for (const [, target = ''] of read(name).matchAll(/\]\(([^)]+\.md)\)/g)) read(target)
    }
  })
})

/** The example is the envelope that the service writes for this code: same members, same order. */
function assertExample(code: ProblemCode, page: string): void {
  const example = JSON.parse(/```json\n([\s\S]+?)```/.exec(page)?.[1] ?? '')
  const { status, message } = problems[code]
  const isPassing = status === 429 || status === 503
  const expected = {
    success: false,
    statusCode: status,
    error: STATUS_CODES[status],
    code,
    // The text may be more exact than the registry's, as it is in real answers.
    message: example.message,
    ...(example.details === undefined ? {} : { details: example.details }),
    requestId: example.requestId,
    docs: `https://docs.pacspace.io/problems/${code}`,
    ...(isPassing ? { retryAfterSeconds: 1 } : {}),
  }
  assert.equal(JSON.stringify(example), JSON.stringify(expected))
  assert.match(example.requestId, /^req_[0-9a-z]{26}$/)
  if (code === 'VALIDATION_ERROR') assert.ok(example.message.startsWith(`${message}: `))
}
