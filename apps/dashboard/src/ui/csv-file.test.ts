import assert from 'node:assert/strict'
import { test } from 'node:test'
import { csvFile } from './csv-file.ts'

test('numbers stay numbers, texts are quoted, and no text is taken for a formula', () => {
  const rows = [
    ['customer', 'balance'],
    ['=HYPERLINK("http://evil")', { number: '-0.5' }],
    ['a,b "c"', null],
    ...['+1', '-1', '@x', '\tx', '\uff1dx'].map((text) => [text]),
  ]
  assert.equal(
    csvFile(rows),
    [
      '"customer","balance"',
      `"'=HYPERLINK(""http://evil"")",-0.5`,
      '"a,b ""c""",',
      `"'+1"`,
      `"'-1"`,
      `"'@x"`,
      `"'\tx"`,
      `"'\uff1dx"`,
      '',
    ].join('\r\n'),
  )
})
