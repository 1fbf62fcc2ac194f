import { globSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { EndpointShape } from '@pacspace/api/endpoint'
import type { Generator } from '../generator.ts'

/**
 * The endpoints that the dashboard may call, as method and path with the definition's type: the definitions themselves carry
 * schemas that a browser has no use for.
 */
export const generators: readonly Generator[] = [
  {
    name: 'endpoints of the dashboard client',
    output: 'apps/dashboard/src/api/endpoints.gen.ts',
    produce: dashboardEndpoints,
  },
]

const ROOT = join(import.meta.dirname, '../..')
const DEFINITIONS = 'packages/api/src/definition'

async function dashboardEndpoints(): Promise<string> {
  const modules = await Promise.all(
    globSync(`${DEFINITIONS}/*.ts`, { cwd: ROOT, exclude: (path) => path.endsWith('.test.ts') })
      .sort()
      .map(async (file) => ({ name: basename(file, '.ts'), endpoints: await endpointsOf(file) })),
  )
  const used = modules.filter(({ endpoints }) => endpoints.length > 0)
  const imports = used.map(
    ({ name }) => `import type * as ${camelCase(name)} from '@pacspace/api/definition/${name}'\n`,
  )
  const lines = used.flatMap(({ name, endpoints }) =>
    endpoints.map(
      ({ exportName, definition }) =>
        `export const ${exportName} = endpoint<typeof ${camelCase(name)}.${exportName}>('${definition.method}', '${definition.path}')\n`,
    ),
  )
  return `// Written by \`npm run gen\` from ${DEFINITIONS}; do not edit.\n${imports.join('')}import { endpoint } from './endpoint-ref.ts'\n\n${lines.join('')}`
}

interface Found {
  readonly exportName: string
  readonly definition: EndpointShape
}

async function endpointsOf(file: string): Promise<Found[]> {
  const module: Record<string, unknown> = await import(join(ROOT, file))
  return Object.entries(module).flatMap(([exportName, value]) =>
    isEndpoint(value) && isForBrowsers(value) ? [{ exportName, definition: value }] : [],
  )
}

function isEndpoint(value: unknown): value is EndpointShape {
  return (
    typeof value === 'object' && value !== null && 'surface' in value && 'method' in value && 'path' in value
  )
}

/** What a logged-in user or anybody may call; never with an API key, which has no business in a page. */
function isForBrowsers({ surface, auth }: EndpointShape): boolean {
  return surface === 'dashboard' || (surface === 'public' && auth.kind === 'none')
}

function camelCase(name: string): string {
  return name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
