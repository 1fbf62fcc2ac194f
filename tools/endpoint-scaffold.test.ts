import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { API } from 'typescript/unstable/sync'
import { parseEndpointRequest, scaffoldEndpoint } from './endpoint-scaffold.ts'

const ROOT = dirname(import.meta.dirname)

describe('new endpoint', () => {
  const requests = [
    'data-plane ledger get-thing GET /api/v1/things/:id',
    'data-plane ledger append-thing POST /api/v1/things',
    'control-plane keys update-thing patch /dashboard/things/:thingId/parts/:partId',
    'control-plane things list-things GET /dashboard/things',
  ]

  it('what is written has no type error against the real sources', () => {
    const texts: Record<string, string> = {}
    for (const request of requests) {
      const scaffold = scaffoldEndpoint(parseEndpointRequest(request.split(' ')))
      const { definitionPath } = scaffold
      texts[definitionPath] ??= committed(definitionPath) ?? scaffold.definitionImports
      texts[definitionPath] += scaffold.definition
      texts[scaffold.handlerPath] = scaffold.handler
      texts[scaffold.testPath] = scaffold.test
    }
    assert.equal(Object.keys(texts).length, 11)
    assert.deepEqual(typeErrors(texts), [])
  })

  it('the check of types above sees an error where there is one', () => {
    const errors = typeErrors({ 'packages/api/src/virtual.ts': `export const a: number = 'text'` })
    assert.equal(errors.length, 1)
  })

  it('refuses what would not fit the house, and says what would', () => {
    const refusals: readonly (readonly [string, RegExp])[] = [
      ['gateway ledger get-thing GET /api/v1/things', /The app is one of: data-plane, control-plane/],
      ['data-plane ../x get-thing GET /api/v1/things', /The capability is a folder/],
      ['data-plane ledger getThing GET /api/v1/things', /verb and a noun in kebab-case/],
      ['data-plane ledger get-thing FETCH /api/v1/things', /The method is one of: GET, POST/],
      ['data-plane ledger get-thing GET /dashboard/things', /Paths of the data-plane/],
      ['control-plane keys get-thing GET /api/v1/things', /Paths of the control-plane/],
      ['control-plane keys get-thing GET /dashboard/things more', /a word too many: more/],
    ]
    for (const [request, expected] of refusals) {
      assert.throws(() => parseEndpointRequest(request.split(' ')), expected)
    }
  })
})

function committed(path: string): string | undefined {
  return existsSync(join(ROOT, path)) ? readFileSync(join(ROOT, path), 'utf8') : undefined
}

/** Type errors in texts laid over the files of this repository. */
function typeErrors(texts: Readonly<Record<string, string>>): string[] {
  const overlay = new Map(Object.entries(texts).map(([path, text]) => [join(ROOT, path), text]))
  const files = [...overlay.keys()]
  const project = join(ROOT, 'tsconfig.virtual.json')
  overlay.set(project, JSON.stringify({ extends: './tsconfig.json', include: [], files }))
  const folders = new Set(files.map((path) => dirname(path)))
  const api = new API({
    cwd: ROOT,
    fs: {
      readFile: (path) => overlay.get(withoutLink(path)),
      fileExists: (path) => (overlay.has(withoutLink(path)) ? true : undefined),
      directoryExists: (path) => (folders.has(withoutLink(path)) ? true : undefined),
      realpath: (path) => (overlay.has(withoutLink(path)) ? withoutLink(path) : undefined),
    },
  })
  try {
    const program = api.updateSnapshot({ openProjects: [project] }).getProjects()[0]?.program
    assert.ok(program, 'TypeScript opened no project')
    return files.flatMap((file) =>
      program.getSemanticDiagnostics(file).map((found) => `${file}: ${found.text}`),
    )
  } finally {
    api.close()
  }
}

/** A file that is not on disk is looked for through the workspace's link, which only real files have. */
function withoutLink(path: string): string {
  return path.replace('/node_modules/@pacspace/api/', '/packages/api/')
}
