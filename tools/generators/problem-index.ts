import { type ProblemCode, problemCodes, problems, type Retry } from '@pacspace/api/problem'
import type { Generator } from '../generator.ts'

const RETRY_TEXT: Readonly<Record<Retry, string>> = {
  later: 'later, unchanged',
  'after-change': 'after a change',
  never: 'no',
}

/** `docs/problems/README.md`: every problem code with what it means, by status. */
export const generators: readonly Generator[] = [
  { name: 'index of the problem pages', output: 'docs/problems/README.md', produce: problemIndex },
]

function problemIndex(): string {
  const byStatus = [...problemCodes].sort((a, b) => problems[a].status - problems[b].status)
  return [
    '# Problems',
    '',
    'Every refusal carries one of these codes in `code`, and a link to its page in `docs`. A code is part of the',
    'API: it is never renamed and never reused. Made from `packages/api/src/problem.ts` by `npm run gen`.',
    '',
    '| Code | Status | Send again? | Message |',
    '|---|---|---|---|',
    ...byStatus.map(problemRow),
    '',
  ].join('\n')
}

function problemRow(code: ProblemCode): string {
  const { status, retry, message } = problems[code]
  return `| [\`${code}\`](${code}.md) | ${status} | ${RETRY_TEXT[retry]} | ${message.replaceAll('|', '\\|')} |`
}
