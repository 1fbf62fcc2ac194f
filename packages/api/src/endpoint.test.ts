import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { commonProblems, type EndpointShape, problemsOf } from './endpoint.ts'
import { controlPlaneEndpoints, dataPlaneEndpoints, planeInternalEndpoints } from './endpoints.ts'
import { isRawBody } from './field.ts'

const all: readonly EndpointShape[] = [
  ...controlPlaneEndpoints,
  ...dataPlaneEndpoints,
  ...planeInternalEndpoints,
]

const prefixes = {
  balance: '/api/v1/',
  dashboard: '/dashboard/',
  internal: '/internal/',
  public: '/',
} as const
const auths = {
  balance: ['apiKey'],
  dashboard: ['user', 'none'],
  internal: ['internal'],
  public: ['none'],
} as const

/** Named by the payment provider's settings, so it stands outside of `/dashboard/`. */
const OUTSIDE_ITS_SURFACE = '/stripe/webhook'

/** Method and path with parameters nameless: what a router sees. */
const route = ({ method, path }: EndpointShape) => `${method} ${path.replace(/:\w+/g, ':')}`

describe('endpoint definitions', () => {
  it('ids and routes are unique', () => {
    assert.equal(new Set(all.map(({ id }) => id)).size, all.length)
    assert.equal(new Set(all.map(route)).size, all.length)
  })

  for (const endpoint of all) {
    it(`${endpoint.id} is consistent`, () => {
      const { surface, path, auth, method, summary, params, body, success } = endpoint
      assert.ok(
        path.startsWith(prefixes[surface]) || path === OUTSIDE_ITS_SURFACE,
        'its path belongs to its surface',
      )
      assert.ok(
        (auths[surface] as readonly string[]).includes(auth.kind),
        'its surface has that kind of caller',
      ) // widened
      const named = [...path.matchAll(/:(\w+)/g)].map(([, name]) => name)
      assert.deepEqual(Object.keys(params?.properties ?? {}), named, 'params are those of the path')
      if (method === 'GET') assert.equal(body, undefined, 'a GET takes no body')
      if (body !== undefined && !isRawBody(body))
        assert.equal(Object(body).additionalProperties, false, 'unknown body fields are refused')
      assert.match(summary, /^[A-Z].*\.$/, 'its summary is a sentence')
      assert.ok(success.contentType === undefined || success.bare, 'what is not JSON has no envelope')
      const codes = [...commonProblems(endpoint), ...endpoint.problems]
      assert.equal(new Set(endpoint.problems).size, endpoint.problems.length, 'no problem is named twice')
      assert.deepEqual(problemsOf(endpoint), [...new Set(codes)])
    })
  }

  it('an endpoint with an API key is refused in the order of product.md §2', () => {
    const emit = dataPlaneEndpoints.find(({ id }) => id === 'emitDelta')
    assert.ok(emit)
    assert.deepEqual(commonProblems(emit), [
      'ORIGIN_NOT_ALLOWED',
      'INVALID_API_KEY',
      'API_KEY_ENVIRONMENT_HOST_MISMATCH',
      'API_KEY_DISABLED',
      'RATE_LIMITED',
      'INSUFFICIENT_PERMISSION',
      'CHAIN_MISMATCH',
      'CONTRACT_NOT_DEPLOYED',
      'NOT_FOUND',
      'UNSUPPORTED_MEDIA_TYPE',
      'PAYLOAD_TOO_LARGE',
      'VALIDATION_ERROR',
      'SERVICE_UNAVAILABLE',
    ])
  })
})
