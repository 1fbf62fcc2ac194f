/**
 * Starts an endpoint: `npm run new:endpoint -- data-plane ledger get-thing GET /api/v1/things/:id` writes definition,
 * handler and test where they belong, and says what is left to do. Overwrites nothing.
 */
import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type EndpointScaffold, parseEndpointRequest, scaffoldEndpoint } from './endpoint-scaffold.ts'

const ROOT = dirname(import.meta.dirname)
const USAGE = 'npm run new:endpoint -- <app> <capability> <name> <METHOD> <path>'

try {
  const scaffold = scaffoldEndpoint(parseEndpointRequest(process.argv.slice(2)))
  refuseExisting(scaffold)
  write(scaffold)
  console.log(['Written. Left to do:', ...scaffold.nextSteps.map((step) => `  - ${step}`)].join('\n'))
} catch (error) {
  console.error(`${error instanceof Error ? error.message : error}\nUsage: ${USAGE}`)
  process.exitCode = 2
}

function refuseExisting({ handlerPath, testPath, definitionPath, definition }: EndpointScaffold): void {
  for (const path of [handlerPath, testPath]) {
    if (existsSync(join(ROOT, path))) throw new Error(`${path} exists already.`)
  }
  const [declaration = ''] = definition.trimStart().split(' = ')
  if (existsSync(join(ROOT, definitionPath)) && read(definitionPath).includes(`${declaration} =`)) {
    throw new Error(`${definitionPath} has "${declaration}" already.`)
  }
}

function write(scaffold: EndpointScaffold): void {
  const { definitionPath, handlerPath, testPath } = scaffold
  if (!existsSync(join(ROOT, definitionPath))) create(definitionPath, scaffold.definitionImports)
  appendFileSync(join(ROOT, definitionPath), scaffold.definition)
  create(handlerPath, scaffold.handler)
  create(testPath, scaffold.test)
  const biome = join(ROOT, 'node_modules', '.bin', 'biome')
  execFileSync(biome, ['check', '--write', definitionPath, handlerPath, testPath], {
    cwd: ROOT,
    stdio: 'pipe',
  })
}

/** `wx`: fails rather than overwrite a file that appeared meanwhile. */
function create(path: string, text: string): void {
  mkdirSync(dirname(join(ROOT, path)), { recursive: true })
  writeFileSync(join(ROOT, path), text, { flag: 'wx' })
}

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}
