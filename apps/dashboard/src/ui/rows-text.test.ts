import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rowsText } from './rows-text.ts'

test('a page says which rows it holds, the last one and one behind it too', () => {
  assert.equal(rowsText(1, 25, 57), '1–25 of 57')
  assert.equal(rowsText(3, 25, 57), '51–57 of 57')
  assert.equal(rowsText(4, 25, 57), '57–57 of 57')
  assert.equal(rowsText(1, 25, 0), '0–0 of 0')
})
