import assert from 'node:assert/strict'
import { it } from 'node:test'
import { prefersText } from './accept.ts'

it('plain text is preferred only by who says so', () => {
  const cases: [accept: string | undefined, isText: boolean][] = [
    [undefined, false],
    ['', false],
    ['*/*', false],
    ['application/json', false],
    ['text/plain', true],
    ['TEXT/Plain; charset=utf-8', true],
    ['text/*', true],
    ['text/plain, application/json', false],
    ['text/plain;q=0.9, application/json', false],
    ['text/plain, application/json;q=0.9', true],
    ['text/plain, */*;q=0.1', true],
    ['text/plain;q=0, */*', false],
    ['text/html', false],
    ['text/plain;q=2', false],
    ['text/plain;q=', false],
    [',;,', false],
  ]
  for (const [accept, isText] of cases) assert.equal(prefersText(accept), isText, `${accept}`)
})
