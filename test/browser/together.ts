import { join } from 'node:path'
import { describe } from 'node:test'
import { browserFilesVariable } from '@pacspace/testing/browser-files'

/**
 * Test files of the browser, one after the other in this one process: with one stack and one Chromium for all of them. To
 * start those, and to read their code into a new browser, costs more than what most files do with them. `npm test` runs this
 * in place of the files that it names in the environment.
 */
describe('in the browser', async () => {
  for (const file of process.env[browserFilesVariable]?.split(':') ?? [])
    await import(join(import.meta.dirname, '../..', file))
})
