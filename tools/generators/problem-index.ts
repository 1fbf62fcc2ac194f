import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ProblemCode, problemCodes, problems, type Retry } from '@pacspace/api/problem'
import type { Generator } from '../generator.ts'

/** `docs/problems/README.md`: every problem code, by status, with the first sentence of its page. */
export const generators: readonly Generator[] = [
  { name: 'index of the problem pages', output: 'docs/problems/README.md', produce: problemIndex },
]

const PAGES = join(import.meta.dirname, '../../docs/problems')

const RETRY_TEXT: Readonly<Record<Retry, string>> = {
  later: 'the same call later',
  'after-change': 'after a change',
  never: 'no',
}

const HEAD = `# Problems

Every refusal has a code. Decide by the code, never by the text: a code is never renamed and never reused.
The answer also carries \`requestId\`, which names the request in our logs, and \`docs\`, the address of a page below.

A refused or failed write keeps no \`Idempotency-Key\`: send the corrected request, or the same one later, with the same key.

| Code | Status | Retry | Meaning |
|---|---|---|---|
`

async function problemIndex(): Promise<string> {
  const byStatus = [...problemCodes].sort((a, b) => problems[a].status - problems[b].status)
  const rows = await Promise.all(byStatus.map(problemRow))
  return HEAD + rows.join('')
}

async function problemRow(code: ProblemCode): Promise<string> {
  const { status, retry } = problems[code]
  return `| [${code}](${code}.md) | ${status} | ${RETRY_TEXT[retry]} | ${await meaningOf(code)} |\n`
}

/** First sentence under "What happened", without its full stop. */
async function meaningOf(code: ProblemCode): Promise<string> {
  const page = await readFile(join(PAGES, `${code}.md`), 'utf8')
  const sentence = /^## What happened\n\n(.+?)\.(?:\s|$)/m.exec(page)?.[1]
  if (sentence === undefined) throw new Error(`docs/problems/${code}.md does not say "What happened"`)
  return sentence.replaceAll('|', '\\|')
}
