/** Writes every generated file (`npm run gen`), or with `--check` writes nothing and fails naming the stale ones. */
import { globSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Generator } from './generator.ts'

const ROOT = dirname(import.meta.dirname)

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } })
const stale = await staleFiles(await loadGenerators())
for (const { generator, text } of stale) {
  if (values.check) console.error(`${generator.output} is not what its sources say. Run: npm run gen`)
  else await write(generator, text)
}
if (values.check && stale.length > 0) process.exitCode = 1

/** The generators whose committed file differs, with the text it should have. */
async function staleFiles(
  generators: readonly Generator[],
): Promise<{ generator: Generator; text: string }[]> {
  const produced = await Promise.all(
    generators.map(async (generator) => ({ generator, text: await generator.produce() })),
  )
  const differs = await Promise.all(
    produced.map(async ({ generator, text }) => text !== (await committedText(generator.output))),
  )
  return produced.filter((_, index) => differs[index])
}

function committedText(output: string): Promise<string | undefined> {
  return readFile(join(ROOT, output), 'utf8').catch(() => undefined)
}

async function write(generator: Generator, text: string): Promise<void> {
  const path = join(ROOT, generator.output)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
  console.log(`wrote ${generator.output} (${generator.name})`)
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
  const generators = loaded.flat()
  const outputs = generators.map(({ output }) => output)
  const twice = outputs.find((output, index) => outputs.indexOf(output) !== index)
  if (twice !== undefined) throw new Error(`${twice} has two generators`)
  return generators
}
