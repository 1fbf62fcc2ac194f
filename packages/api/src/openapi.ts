import { type EndpointShape, problemsOf } from './endpoint.ts'
import { controlPlaneEndpoints, dataPlaneEndpoints } from './endpoints.ts'
import { componentSchemas, type Json, jsonSchemaOf, usesAmounts } from './openapi-schema.ts'
import { type ProblemCode, problemCodes, problems } from './problem.ts'

/** The two published surfaces; public routes belong to the Balance API. */
export type PublishedSurface = 'balance' | 'dashboard'

/** The OpenAPI 3.1 document of a surface, made from its endpoint definitions and nothing else. */
export function openApiDocument(surface: PublishedSurface): Json {
  const endpoints = publishedEndpoints(surface)
  const used = new Set([...endpoints.flatMap(problemsOf), 'INTERNAL_ERROR'])
  return {
    openapi: '3.1.0',
    info: {
      title: surface === 'balance' ? 'PacSpace Balance API' : 'PacSpace Dashboard API',
      version: '1.0.0',
      description: surface === 'balance' ? BALANCE_DESCRIPTION : DASHBOARD_DESCRIPTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '{baseUrl}', variables: { baseUrl: { default: 'https://balance-api.pacspace.io' } } }],
    paths: pathsOf(endpoints),
    components: {
      securitySchemes: surface === 'balance' ? { apiKey: API_KEY_SCHEME } : { bearer: BEARER_SCHEME },
      headers: { 'X-Request-Id': REQUEST_ID_HEADER, 'Retry-After': RETRY_AFTER_HEADER },
      examples: Object.fromEntries(
        problemCodes.filter((code) => used.has(code)).map((code) => [code, exampleOf(code)]),
      ),
      schemas: componentSchemas,
    },
  }
}

/** The endpoints that a surface's document describes. */
export function publishedEndpoints(surface: PublishedSurface): EndpointShape[] {
  const all = [...dataPlaneEndpoints, ...controlPlaneEndpoints]
  return all.filter((endpoint) =>
    surface === 'dashboard'
      ? endpoint.surface === 'dashboard'
      : endpoint.surface === 'balance' || endpoint.surface === 'public',
  )
}

const BALANCE_DESCRIPTION =
  'Emit signed deltas, derive balances, and hand out proofs. Every call carries an API key in `X-Api-Key`; the key decides the environment.'
const DASHBOARD_DESCRIPTION =
  'Accounts, environments and API keys. Log in for a token and send it as `Authorization: Bearer TOKEN`.'

const API_KEY_SCHEME = {
  type: 'apiKey',
  in: 'header',
  name: 'X-Api-Key',
  description: '`pk_test_…` in Sandbox, `pk_live_…` in Production. Send it from servers only.',
}
const BEARER_SCHEME = { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' }
const REQUEST_ID_HEADER = {
  description: 'Names this request in our logs; tell it to support.',
  required: true,
  schema: { type: 'string', pattern: '^req_[0-9a-z]{26}$' },
}
const RETRY_AFTER_HEADER = {
  description: 'Whole seconds to wait before the same call.',
  schema: { type: 'integer', minimum: 1 },
}

function pathsOf(endpoints: readonly EndpointShape[]): Json {
  const paths: Record<string, Record<string, Json>> = {}
  for (const endpoint of endpoints) {
    const path = endpoint.path.replace(/:([A-Za-z]+)\*?/g, '{$1}')
    paths[path] ??= {}
    paths[path][endpoint.method.toLowerCase()] = operationOf(endpoint)
  }
  return paths
}

function operationOf(endpoint: EndpointShape): Json {
  return {
    operationId: endpoint.id,
    summary: endpoint.summary,
    tags: [tagOf(endpoint)],
    security: securityOf(endpoint),
    ...descriptionOf(endpoint),
    parameters: parametersOf(endpoint),
    ...(endpoint.body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: jsonSchemaOf(endpoint.body, 'request') } },
          },
        }),
    responses: { ...successResponse(endpoint), ...problemResponses(endpoint) },
  }
}

/** `/api/v1/balance/delta` → balance, `/dashboard/api-keys` → api-keys. */
function tagOf({ path }: EndpointShape): string {
  const segments = path.split('/').filter((segment) => segment !== '')
  return (
    (segments[0] === 'api' ? segments[2] : segments[0] === 'dashboard' ? segments[1] : segments[0]) ?? 'other'
  )
}

function securityOf({ auth }: EndpointShape): Json {
  if (auth.kind === 'apiKey') return [{ apiKey: [] }]
  return auth.kind === 'user' ? [{ bearer: [] }] : []
}

function descriptionOf({ auth }: EndpointShape): { description?: string } {
  if (auth.kind === 'apiKey') return { description: `Needs the permission \`${auth.permission}\`.` }
  if (auth.kind !== 'user') return {}
  const verified = auth.verified ? ' and a verified e-mail address' : ''
  return { description: `Needs the role \`${auth.role}\` or above${verified}.` }
}

function parametersOf(endpoint: EndpointShape): Json[] {
  const parameters: Json[] = []
  for (const place of ['path', 'query'] as const) {
    const schema = place === 'path' ? endpoint.params : endpoint.query
    const required: readonly string[] = schema?.required ?? []
    for (const [name, field] of Object.entries(schema?.properties ?? {})) {
      const isRequired = place === 'path' || required.includes(name)
      parameters.push({ name, in: place, required: isRequired, schema: jsonSchemaOf(field, 'request') })
    }
  }
  if (endpoint.auth.kind === 'apiKey') parameters.push(CHAIN_ID_PARAMETER, CREDIT_POOL_PARAMETER)
  if (endpoint.readsEnvironment) parameters.push(ENVIRONMENT_PARAMETER)
  if (endpoint.idempotent) parameters.push(IDEMPOTENCY_KEY_PARAMETER)
  if (usesAmounts(endpoint.success.data)) parameters.push(AMOUNT_FORMAT_PARAMETER)
  return parameters
}

const CHAIN_ID_PARAMETER = {
  name: 'X-Chain-Id',
  in: 'header',
  required: false,
  description: 'Must agree with the environment of the key, where sent.',
  schema: { type: 'string', enum: ['295', '296'] },
}
const ENVIRONMENT_PARAMETER = {
  name: 'X-Environment',
  in: 'header',
  required: false,
  description:
    'Which environment is meant. Without it `X-Chain-Id` (296, 295) decides, then the prefix of an `X-Api-Key` sent along, then the preference of the user.',
  schema: { type: 'string', enum: ['sandbox', 'production'] },
}
const CREDIT_POOL_PARAMETER = {
  name: 'X-Credit-Pool-Id',
  in: 'header',
  required: false,
  description:
    'Of the past: accepted and ignored, except a contract id (`ctr_…`) that is not the one of the key.',
  schema: { type: 'string' },
}
const IDEMPOTENCY_KEY_PARAMETER = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'The same key with the same body gets the first answer again and is written once. Kept for good.',
  schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[ -~]+$' },
}
const AMOUNT_FORMAT_PARAMETER = {
  name: 'X-Amount-Format',
  in: 'header',
  required: false,
  description: '`string`: amounts as canonical decimal strings instead of JSON numbers.',
  schema: { type: 'string', enum: ['string', 'number'], default: 'number' },
}

function successResponse({ success, idempotent }: EndpointShape): Record<string, Json> {
  const headers: Record<string, Json> = { 'X-Request-Id': { $ref: '#/components/headers/X-Request-Id' } }
  if (idempotent) {
    headers['Idempotent-Replayed'] = {
      description: '`true` when this is the first answer again and nothing was written.',
      schema: { type: 'string', const: 'true' },
    }
  }
  const data = jsonSchemaOf(success.data, 'answer')
  const schema = success.bare ? data : successEnvelope(success.status, data, success.message)
  return {
    [success.status]: {
      description: 'Success',
      headers,
      content: {
        [success.contentType ?? 'application/json']: { schema },
        ...(success.alsoText && { 'text/plain': { schema: { type: 'string' } } }),
      },
    },
  }
}

function successEnvelope(status: number, data: Json, message: string | undefined): Json {
  return {
    type: 'object',
    required: ['success', 'statusCode', 'data'],
    properties: {
      success: { type: 'boolean', const: true },
      statusCode: { type: 'integer', const: status },
      data,
      ...(message === undefined ? {} : { message: { type: 'string', const: message } }),
    },
    additionalProperties: false,
  }
}

/** One response a status; its codes in order of precedence. */
function problemResponses(endpoint: EndpointShape): Record<string, Json> {
  const codesByStatus = new Map<number, ProblemCode[]>()
  for (const code of [...problemsOf(endpoint), 'INTERNAL_ERROR' as const]) {
    const { status } = problems[code]
    codesByStatus.set(status, [...(codesByStatus.get(status) ?? []), code])
  }
  const responses = [...codesByStatus].map(
    ([status, codes]) => [status, problemResponse(status, codes)] as const,
  )
  return Object.fromEntries(responses)
}

function problemResponse(status: number, codes: readonly ProblemCode[]): Json {
  const waits = codes.some((code) => problems[code].retry === 'later' && status !== 500)
  return {
    description: codes.join(', '),
    headers: {
      'X-Request-Id': { $ref: '#/components/headers/X-Request-Id' },
      ...(waits ? { 'Retry-After': { $ref: '#/components/headers/Retry-After' } } : {}),
    },
    content: {
      'application/json': {
        schema: {
          allOf: [
            { $ref: '#/components/schemas/Problem' },
            { properties: { statusCode: { const: status }, code: { enum: [...codes] } } },
          ],
        },
        examples: Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }])),
      },
    },
  }
}

function exampleOf(code: ProblemCode): Json {
  const { status, message } = problems[code]
  return { summary: message, value: exampleProblem(code, status, message) }
}

const REASON_PHRASES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  402: 'Payment Required',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  412: 'Precondition Failed',
  413: 'Payload Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Entity',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}

function exampleProblem(code: ProblemCode, status: number, message: string): Json {
  const waits = status === 429 || status === 503
  return {
    success: false,
    statusCode: status,
    error: REASON_PHRASES[status] ?? '',
    code,
    message,
    requestId: 'req_3qxsxh5swe18ejxc0mn8smtk3c',
    docs: `https://docs.pacspace.io/problems/${code}`,
    ...(waits ? { retryAfterSeconds: 1 } : {}),
  }
}
