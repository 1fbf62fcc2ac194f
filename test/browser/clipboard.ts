import assert from 'node:assert/strict'
import { waitUntil } from '@pacspace/service/embedded-postgres/wait-until'
import type { Page } from 'playwright-core'

const DEADLINE_MS = 20_000

/** What a page copies when told to. A page writes to the clipboard a moment after the click, and what lay there before is no answer. */
export async function copied(page: Page, copy: () => Promise<void>): Promise<string> {
  await page.evaluate(() => navigator.clipboard.writeText(''))
  await copy()
  let text = ''
  const isThere = async () => {
    text = await page.evaluate(() => navigator.clipboard.readText())
    return text !== ''
  }
  assert.ok(await waitUntil(isThere, DEADLINE_MS), 'something is copied')
  return text
}
