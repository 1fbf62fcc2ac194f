import assert from 'node:assert/strict'
import { STATUS_CODES } from 'node:http'
import { describe, it } from 'node:test'
import { problemsOf } from './endpoint.ts'
import { openApiDocument, publishedEndpoints } from './openapi.ts'
import { problems } from './problem.ts'

type Node = Record<string, unknown>

/** A member that must be an object. */
function member(node: unknown, ...names: (string | number)[]): Node {
  let value = node
  for (const name of names) {
    assert.ok(typeof value === 'object' && value !== null && name in value, `${names.join('.')} is missing`)
    value = Object(value)[name]
  }
  assert.ok(typeof value === 'object' && value !== null, `${names.join('.')} is no object`)
  return value as Node // just checked
}

function* nodesOf(value: unknown): Generator<Node> {
  if (typeof value !== 'object' || value === null) return
  yield value as Node // just checked
  for (const item of Object.values(value)) yield* nodesOf(item)
}

for (const surface of ['balance', 'dashboard'] as const) {
  describe(`OpenAPI of the ${surface} surface`, () => {
    const document = openApiDocument(surface)
    const endpoints = publishedEndpoints(surface)

    it('is plain JSON without our own keywords', () => {
      assert.deepEqual(JSON.parse(JSON.stringify(document)), document)
      assert.doesNotMatch(JSON.stringify(document), /"x-[a-z]+":/)
    })

    it('every reference leads somewhere', () => {
      for (const node of nodesOf(document)) {
        if (typeof node.$ref === 'string') member(document, ...node.$ref.slice(2).split('/'))
      }
    })

    it('has every endpoint once, by its id, with every status and code it can answer', () => {
      const ids: unknown[] = []
      for (const endpoint of endpoints) {
        const path = endpoint.path.replace(/:(\w+)\*?/g, '{$1}')
        const operation = member(document, 'paths', path, endpoint.method.toLowerCase())
        ids.push(operation.operationId)
        const responses = member(operation, 'responses')
        const codes = problemsOf(endpoint)
        const statuses = [endpoint.success.status, 500, ...codes.map((code) => problems[code].status)]
        assert.deepEqual(Object.keys(responses), [...new Set(statuses.map(String))].sort())
        for (const code of codes) {
          member(responses, problems[code].status, 'content', 'application/json', 'examples', code)
        }
        const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
        const parameters = operation.parameters
        assert.ok(Array.isArray(parameters))
        assert.deepEqual(
          parameters.filter((item) => item.in === 'path').map((item) => item.name),
          named,
        )
        assert.equal('requestBody' in operation, endpoint.body !== undefined)
      }
      assert.deepEqual(
        ids,
        endpoints.map(({ id }) => id),
      )
    })

    it('examples of refusals are what the service answers', () => {
      for (const [code, example] of Object.entries(member(document, 'components', 'examples'))) {
        const value = member(example, 'value')
        assert.equal(value.code, code)
        assert.equal(value.error, STATUS_CODES[Number(value.statusCode)], code)
      }
    })

    it('names X-Environment exactly where the environment is the request’s to say', () => {
      for (const endpoint of endpoints) {
        const path = endpoint.path.replace(/:(\w+)\*?/g, '{$1}')
        const { parameters } = member(document, 'paths', path, endpoint.method.toLowerCase())
        assert.ok(Array.isArray(parameters))
        const isNamed = parameters.some(({ name }) => name === 'X-Environment')
        const isRead = /^\/dashboard\/(checkpoints|customers|compare|deltas|verification|webhooks)\b/.test(
          endpoint.path,
        )
        assert.equal(isNamed, isRead, endpoint.id)
      }
    })

    it('demands a credential exactly where the definition does', () => {
      for (const endpoint of endpoints) {
        const path = endpoint.path.replace(/:(\w+)\*?/g, '{$1}')
        const { security } = member(document, 'paths', path, endpoint.method.toLowerCase())
        assert.ok(Array.isArray(security))
        assert.equal(security.length === 0, endpoint.auth.kind === 'none', endpoint.id)
      }
    })
  })
}
