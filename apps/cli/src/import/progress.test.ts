import assert from 'node:assert/strict'
import { test } from 'node:test'
import { showProgress } from './progress.ts'

function screen(isTTY: boolean) {
  const written: string[] = []
  return { output: { isTTY, columns: 60, write: (text: string) => written.push(text) }, written }
}

test('elsewhere than on a terminal: whole lines, at most one every five seconds', () => {
  const { output, written } = screen(false)
  let nowMs = 0
  const progress = showProgress(output, 20_000, 'rows', () => nowMs)
  for (; nowMs < 12_000; nowMs += 1_000) progress.update(nowMs)
  progress.end()
  assert.deepEqual(written, ['5,000 of 20,000 rows, 1,000/s\n', '10,000 of 20,000 rows, 1,000/s\n'])
})

test('on a terminal: one line that is drawn over and gone at the end', () => {
  const { output, written } = screen(true)
  let nowMs = 0
  const progress = showProgress(output, 1_000, 'rows', () => nowMs)
  nowMs = 500
  progress.update(500)
  progress.update(1_000)
  progress.end()
  assert.match(written[0] ?? '', /^\r█+░+ 500 of 1,000 rows, 1,000\/s *$/)
  assert.match(written[1] ?? '', /^\r█+ 1,000 of 1,000 rows/)
  assert.equal(written[2], `\r${' '.repeat(59)}\r`)
  for (const text of written) assert.ok(text.length <= 62 && !text.includes('\n'))
})
