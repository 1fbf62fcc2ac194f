/**
 * Writes every generated file (`npm run gen`), or with `--check` writes nothing and fails naming the stale ones.
 */

import { globSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Generator } from './generator.ts'
import { TestPostgres } from './test-cluster.ts'

const ROOT = dirname(import.meta.dirname)

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } })
const postgres = new TestPostgres()
try {
  const stale = await runGenerators(await loadGenerators(), values.check)
  for (const output of stale) console.error(`${output} is not what its sources say. Run: npm run gen`)
  if (stale.length > 0) process.exitCode = 1
} finally {
  await postgres.stop()
}

/** Gives the outputs whose committed text differs; they are rewritten unless this is only a check. */
async function runGenerators(generators: readonly Generator[], checkOnly: boolean): Promise<string[]> {
  const stale: string[] = []
  for (const generator of generators) {
    const path = join(ROOT, generator.output)
    const text = await generator.produce({ postgresUrl: () => postgres.url() })
    if (text === (await readFile(path, 'utf8').catch(() => undefined))) continue
    stale.push(generator.output)
    if (checkOnly) continue
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
    console.log(`wrote ${generator.output} (${generator.name})`)
  }
  return checkOnly ? stale : []
}

async function loadGenerators(): Promise<Generator[]> {
  const files = globSync('tools/generators/*.ts', { cwd: ROOT }).filter((file) => !file.endsWith('.test.ts'))
  const loaded = await Promise.all(
    files.sort().map(async (file): Promise<readonly Generator[]> => {
      const module: { generators?: readonly Generator[] } = await import(join(ROOT, file))
      if (!module.generators) throw new Error(`${file} exports no "generators"`)
      return module.generators
    }),
  )
  return loaded.flat()
}
