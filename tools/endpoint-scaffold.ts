/** What is known of an endpoint before it is written. */
export interface EndpointRequest {
  readonly app: keyof typeof APPS
  /** Folder in the app and file in packages/api/src/definition: `ledger`. */
  readonly capability: string
  /** Verb and noun, kebab-case: `get-thing`. */
  readonly name: string
  readonly method: (typeof METHODS)[number]
  /** With `:name` for path parameters. */
  readonly path: string
}

/** The texts to write. The definition is appended to its file, or starts it. */
export interface EndpointScaffold {
  readonly definitionPath: string
  readonly definition: string
  /** What stands at the head of the definition file if there is none yet. */
  readonly definitionImports: string
  readonly handlerPath: string
  readonly handler: string
  readonly testPath: string
  readonly test: string
  /** What a person still has to do, one step each. */
  readonly nextSteps: readonly string[]
}

const METHODS = ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'] as const

/** What differs between the services that answer customers. */
const APPS = {
  'data-plane': {
    paths: /^\/(api\/v1|log)\//,
    list: 'dataPlaneEndpoints',
    harnessType: 'TestDataPlane',
    harnessImport: `import { startTestDataPlane, type TestDataPlane, type TestTenant } from '../testing/test-data-plane.ts'`,
    start: 'startTestDataPlane()',
    callerType: 'TestTenant',
    newCaller: 'plane.newTenant()',
    credential: 'key: caller.key',
    atTheEnd: '\n    await plane.requireSound()',
  },
  'control-plane': {
    paths: /^\/dashboard\//,
    list: 'controlPlaneEndpoints',
    harnessType: 'TestControlPlane',
    harnessImport: `import { TestControlPlane, type TestUser } from '../testing/test-control-plane.ts'`,
    start: 'TestControlPlane.start()',
    callerType: 'TestUser',
    newCaller: 'plane.account()',
    credential: 'token: caller.token',
    atTheEnd: '',
  },
} as const

const KEBAB = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/
const VERB_AND_NOUN = /^[a-z]+(-[a-z0-9]+)+$/

/** Reads the five words of the command line; an Error tells what is wrong with them. */
export function parseEndpointRequest(words: readonly string[]): EndpointRequest {
  const [app = '', capability = '', name = '', method = '', path = '', ...rest] = words
  const known = METHODS.find((each) => each === method.toUpperCase())
  if (app !== 'data-plane' && app !== 'control-plane')
    throw new Error(`The app is one of: ${Object.keys(APPS).join(', ')}.`)
  if (!KEBAB.test(capability))
    throw new Error('The capability is a folder of the app: ledger, keys, accounts …')
  if (!VERB_AND_NOUN.test(name)) throw new Error('The name is a verb and a noun in kebab-case: get-thing.')
  if (!known) throw new Error(`The method is one of: ${METHODS.join(', ')}.`)
  if (!APPS[app].paths.test(path)) throw new Error(`Paths of the ${app} match ${APPS[app].paths.source}.`)
  if (rest.length > 0) throw new Error(`There is a word too many: ${rest.join(' ')}`)
  return { app, capability, name, method: known, path }
}

/**
 * The shape of an endpoint, failing until it is written: a definition, a handler that refuses to answer, a test
 * that says what is promised so far.
 */
export function scaffoldEndpoint(request: EndpointRequest): EndpointScaffold {
  const { app, capability, name } = request
  const id = name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
  const folder = `apps/${app}/src/${capability}`
  return {
    definitionPath: `packages/api/src/definition/${capability}.ts`,
    definition: definitionText(request, id),
    definitionImports: `import { defineEndpoint } from '../endpoint.ts'\nimport { Type } from '../schema.ts'\n`,
    handlerPath: `${folder}/${name}.ts`,
    handler: handlerText(request, id),
    testPath: `${folder}/${name}.test.ts`,
    test: testText(request, id),
    nextSteps: [
      `packages/api/src/endpoints.ts: add ${id} to ${APPS[app].list}.`,
      `apps/${app}/src/${app}.ts: add ${id} to implementations.`,
      `packages/api/src/definition/${capability}.ts: write summary, schemas, and problems in order of precedence.`,
      `${folder}/${name}.ts: write the docstring, then the handler; ${name}.test.ts fails until it is.`,
      'npm run gen, npm test, npm run check.',
    ],
  }
}

function definitionText({ app, method, path }: EndpointRequest, id: string): string {
  const params = paramsOf(path)
  const fields = params.map((param) => `${param}: Type.String({ minLength: 1, maxLength: 128 })`).join(', ')
  const members = [
    `id: '${id}'`,
    `surface: '${app === 'data-plane' ? 'balance' : 'dashboard'}'`,
    `method: '${method}'`,
    `path: '${path}'`,
    `auth: ${authOf(app, method)}`,
    `summary: 'One sentence for the reference.'`,
    ...(params.length > 0 ? [`params: Type.Object({ ${fields} }, { additionalProperties: false })`] : []),
    ...(takesBody(method) ? ['body: Type.Object({}, { additionalProperties: false })'] : []),
    `success: { status: ${method === 'POST' ? 201 : 200}, data: Type.Object({ id: Type.String() }) }`,
    `problems: [${params.length > 0 ? `'NOT_FOUND'` : ''}]`,
  ]
  return `\nexport const ${id} = defineEndpoint({\n${members.map((member) => `  ${member},\n`).join('')}})\n`
}

function authOf(app: EndpointRequest['app'], method: EndpointRequest['method']): string {
  const reads = method === 'GET'
  if (app === 'data-plane') return `{ kind: 'apiKey', permission: 'balance:${reads ? 'read' : 'write'}' }`
  return `{ kind: 'user', role: '${reads ? 'viewer' : 'developer'}' }`
}

function handlerText({ capability, name }: EndpointRequest, id: string): string {
  return `import { ${id} as definition } from '@pacspace/api/definition/${capability}'
import { implement } from '../context.ts'

/** ${sentence(name)}: what it answers, who may call, what is durable when it returns, the source of the rule. */
export const ${id} = implement(definition, async ({ input }) => {
  throw new Error(\`${id} is not written yet: \${JSON.stringify(input)}\`)
})
`
}

function testText({ app, capability, name, method, path }: EndpointRequest, id: string): string {
  const service = APPS[app]
  const params = paramsOf(path)
  const parts = [
    service.credential,
    ...(params.length > 0 ? [`params: { ${params.map((param) => `${param}: 'unknown'`).join(', ')} }`] : []),
    ...(takesBody(method) ? ['body: {}'] : []),
  ]
  const call = `{ ${parts.join(', ')} }`
  const notFound = `
  it('an unknown one is not found', async () => {
    await plane.client.refuse(${id}, 'NOT_FOUND', ${call})
  })
`
  return `import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { ${id} } from '@pacspace/api/definition/${capability}'
${service.harnessImport}

describe('${sentence(name).toLowerCase()}', () => {
  let plane: ${service.harnessType}
  let caller: ${service.callerType}
  before(async () => {
    plane = await ${service.start}
    caller = await ${service.newCaller}
  })
  after(() => plane[Symbol.asyncDispose]())

  it('answers what was asked for', async () => {
    const answer = await plane.client.succeed(${id}, ${call})
    assert.deepEqual(answer, { id: 'what was asked for' })${service.atTheEnd}
  })
${params.length > 0 ? notFound : ''}})
`
}

function paramsOf(path: string): string[] {
  return [...path.matchAll(/:([A-Za-z]+)/g)].map(([, name = '']) => name)
}

function takesBody(method: EndpointRequest['method']): boolean {
  return method !== 'GET' && method !== 'DELETE'
}

function sentence(name: string): string {
  const words = name.replaceAll('-', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
