import assert from 'node:assert/strict'
import type { EndpointShape } from '@pacspace/api/endpoint'
import type { TestAnswer, TestCall, TestClient } from './test-client.ts'

/**
 * Two tenants, one asking for what is the other's. Checks K8: another tenant's id is answered byte for byte like one that
 * does not exist, and no list shows anything of the other. Generated from lists of endpoints, so that a new endpoint
 * cannot be forgotten: one that takes an id unknown here fails.
 */
export interface IsolationWorld {
  readonly client: TestClient
  /** The asking tenant's credential for an endpoint. */
  credential(endpoint: EndpointShape): TestCall
  /** For each path parameter: an id of the other tenant that exists, and one that nobody has. */
  readonly ids: Readonly<Record<string, { readonly foreign: string; readonly unknown: string }>>
  /** A body that the endpoint accepts, for those that take one. */
  readonly bodies: Readonly<Record<string, unknown>>
  /** Texts that only the other tenant may ever see: ids, names, secrets. */
  readonly secrets: readonly string[]
  /** Changes whenever anything that is stored changes. */
  fingerprint(): Promise<string>
}

export interface IsolationCase {
  readonly name: string
  run(world: IsolationWorld): Promise<void>
}

/** One case for every endpoint that demands a credential. */
export function isolationCases(endpoints: readonly EndpointShape[]): IsolationCase[] {
  return endpoints.flatMap((endpoint) => {
    const { id, auth, params, method } = endpoint
    if (auth.kind !== 'apiKey' && auth.kind !== 'user') return []
    const names = Object.keys(params?.properties ?? {})
    if (names.length > 0) {
      return [
        {
          name: `K8 ${id}: another tenant's id looks like none`,
          run: (world) => askForForeign(endpoint, names, world),
        },
      ]
    }
    return method === 'GET'
      ? [{ name: `K8 ${id}: shows nothing of another tenant`, run: (world) => readList(endpoint, world) }]
      : []
  })
}

async function askForForeign(
  endpoint: EndpointShape,
  names: readonly string[],
  world: IsolationWorld,
): Promise<void> {
  const before = await world.fingerprint()
  const [foreign, unknown] = await Promise.all([
    ask(endpoint, names, 'foreign', world),
    ask(endpoint, names, 'unknown', world),
  ])
  assert.equal(foreign.status, 404, foreign.text)
  // A refusal may repeat the id that was asked for.
  const texts = names
    .map((name) => world.ids[name])
    .reduce(
      (text, id) => (id === undefined ? text : text.replaceAll(id.foreign, id.unknown)),
      withoutRequestId(foreign),
    )
  assert.equal(texts, withoutRequestId(unknown))
  assert.deepEqual(comparableHeaders(foreign), comparableHeaders(unknown))
  assert.equal(await world.fingerprint(), before, 'nothing was written')
}

function ask(
  endpoint: EndpointShape,
  names: readonly string[],
  which: 'foreign' | 'unknown',
  world: IsolationWorld,
): Promise<TestAnswer<unknown>> {
  const params = Object.fromEntries(
    names.map((name) => {
      const id = world.ids[name]
      if (id === undefined) assert.fail(`${endpoint.id}: say in this test what a foreign ${name} is`)
      return [name, id[which]]
    }),
  )
  const body = endpoint.body === undefined ? {} : { body: bodyOf(endpoint, world) }
  return world.client.call(endpoint, { ...world.credential(endpoint), params, ...body })
}

function bodyOf({ id }: EndpointShape, { bodies }: IsolationWorld): unknown {
  return bodies[id] ?? assert.fail(`${id}: say in this test what a good body is`)
}

async function readList(endpoint: EndpointShape, world: IsolationWorld): Promise<void> {
  const { text, problem } = await world.client.call(endpoint, world.credential(endpoint))
  assert.equal(problem, undefined, text)
  for (const secret of world.secrets) assert.ok(!text.includes(secret), `${endpoint.id} shows ${secret}`)
}

function withoutRequestId({ text }: TestAnswer<unknown>): string {
  return text.replace(/"requestId":"[^"]+"/, '')
}

function comparableHeaders({ headers }: TestAnswer<unknown>): [string, string][] {
  return [...headers].filter(([name]) => name !== 'x-request-id' && name !== 'date')
}
