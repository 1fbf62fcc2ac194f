import assert from 'node:assert/strict'
import { STATUS_CODES } from 'node:http'
import type { EndpointData, EndpointShape } from '@pacspace/api/endpoint'
import { problemsOf } from '@pacspace/api/endpoint'
import { isId } from '@pacspace/api/id'
import { type ProblemCode, type ProblemDetail, problems } from '@pacspace/api/problem'
import { amountsAsStrings } from '@pacspace/service/answer-writer'
import { parseExactJson } from '@pacspace/service/exact-json'
import { pathOf, queryOf } from '@pacspace/service/internal-client'
import { compileValidator, type Validator } from '@pacspace/service/validation'
import { closedSchema } from './closed-schema.ts'
import { recordOutcome } from './coverage-record.ts'

/** What a test sends. Nothing is checked here: bad input is what tests are for. */
export interface TestCall {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, unknown>>
  /** A text or bytes go out as they are, anything else as JSON; amounts (bigint) as decimal strings. */
  readonly body?: unknown
  /** API key. */
  readonly key?: string
  /** Bearer: a user's token, or the internal secret. */
  readonly token?: string
  /** Further headers, or others than the client would send. */
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

/** A refusal as received. */
export interface TestProblem {
  readonly code: ProblemCode
  readonly message: string
  readonly details: readonly ProblemDetail[]
  readonly requestId: string
  readonly retryAfterSeconds: number | undefined
}

export interface TestAnswer<Data> {
  readonly status: number
  readonly headers: Headers
  /** The body as text. */
  readonly text: string
  readonly bytes: Buffer
  /** What the endpoint answered, amounts exact. Fails the test when it was a refusal; undefined for an answer in plain text. */
  readonly data: Data
  /** `message` of the envelope. */
  readonly message: string | undefined
  /** Undefined for a success. */
  readonly problem: TestProblem | undefined
}

/** Calls endpoints like a customer would, and checks every answer against its definition. */
export interface TestClient {
  readonly baseUrl: string
  /** One request. Fails the test when the answer is not what the definition declares, status, envelope and headers included. */
  call<D extends EndpointShape>(definition: D, call?: TestCall): Promise<TestAnswer<EndpointData<D>>>
  /** The data of a success; anything else fails the test. */
  succeed<D extends EndpointShape>(definition: D, call?: TestCall): Promise<EndpointData<D>>
  /** The problem of a refusal with that code; anything else fails the test. */
  refuse<D extends EndpointShape>(definition: D, code: ProblemCode, call?: TestCall): Promise<TestProblem>
}

/** A client of the service at `baseUrl`. */
export function testClient(baseUrl: string): TestClient {
  const client: TestClient = {
    baseUrl,
    async call(definition, call = {}) {
      const response = await send(baseUrl, definition, call)
      return readAnswer(definition, response, Buffer.from(await response.arrayBuffer()))
    },
    async succeed(definition, call) {
      return (await client.call(definition, call)).data
    },
    async refuse(definition, code, call) {
      const { problem, text } = await client.call(definition, call)
      assert.equal(problem?.code, code, `${definition.id} answered ${text}`)
      return problem
    },
  }
  return client
}

function send(baseUrl: string, definition: EndpointShape, call: TestCall): Promise<Response> {
  const body = wireBody(call.body)
  const headers = new Headers()
  if (body !== undefined) headers.set('content-type', 'application/json')
  if (call.key !== undefined) headers.set('x-api-key', call.key)
  if (call.token !== undefined) headers.set('authorization', `Bearer ${call.token}`)
  for (const [name, value] of Object.entries(call.headers ?? {})) headers.set(name, value)
  return fetch(baseUrl + pathOf(definition.path, call.params) + queryOf(call.query), {
    method: definition.method,
    headers,
    redirect: 'manual',
    ...(body === undefined ? {} : { body }),
    ...(call.signal === undefined ? {} : { signal: call.signal }),
  })
}

function wireBody(body: unknown): string | Uint8Array<ArrayBuffer> | undefined {
  if (body === undefined || typeof body === 'string') return body
  if (body instanceof Uint8Array) return new Uint8Array(body)
  return JSON.stringify(body, amountsAsStrings)
}

/** Checks an answer against its definition and records what was seen. */
export function readAnswer<D extends EndpointShape>(
  definition: D,
  response: Pick<Response, 'status' | 'headers'>,
  bytes: Buffer,
): TestAnswer<EndpointData<D>> {
  const { status, headers } = response
  const text = bytes.toString('utf8')
  const where = `${definition.id} answered ${status} ${text.slice(0, 500)}`
  const requestId = headers.get('x-request-id') ?? ''
  assert.ok(isId('req', requestId), `${where}: X-Request-Id is ${requestId}`)
  assert.equal(headers.get('x-content-type-options'), 'nosniff', where)
  if (status >= 400) {
    const problem = readProblem(definition, response, bytes, where)
    recordOutcome(definition.id, problem.code)
    const refused = { status, headers, text, bytes, message: problem.message, problem }
    return Object.defineProperty(refused, 'data', {
      get: () => assert.fail(`${where}: a refusal has no data`),
    }) as TestAnswer<EndpointData<D>>
  }
  const { data, message } = readSuccess(definition, response, bytes, where)
  recordOutcome(definition.id, 'success')
  const answered = { status, headers, text, bytes, message, problem: undefined }
  return { ...answered, data: data as EndpointData<D> } // validated by its schema
}

function readSuccess(
  definition: EndpointShape,
  { status, headers }: Pick<Response, 'status' | 'headers'>,
  bytes: Buffer,
  where: string,
): { data: unknown; message: string | undefined } {
  const { success } = definition
  assert.ok(status === success.status || status === 200, `${where}: the definition says ${success.status}`)
  if (success.alsoText && headers.get('content-type') === 'text/plain; charset=utf-8')
    return { data: undefined, message: undefined }
  assert.equal(headers.get('content-type'), success.contentType ?? 'application/json; charset=utf-8', where)
  if (success.contentType !== undefined) return { data: bytes.toString('utf8'), message: undefined }
  const json = parseObject(bytes, where)
  if (success.bare) return { data: validData(definition, json, where), message: undefined }
  assert.deepEqual(Object.keys(json).slice(0, 3), ['success', 'statusCode', 'data'], where)
  assert.equal(json.success, true, where)
  assert.equal(json.statusCode, status, where)
  const { success: _success, statusCode: _statusCode, data, message, ...others } = json
  assert.deepEqual(others, {}, `${where}: members that the envelope does not have`)
  if (success.message !== undefined && status === success.status)
    assert.equal(message, success.message, where)
  assert.ok(message === undefined || typeof message === 'string', where)
  return { data: validData(definition, data, where), message }
}

function readProblem(
  definition: EndpointShape,
  { status, headers }: Pick<Response, 'status' | 'headers'>,
  bytes: Buffer,
  where: string,
): TestProblem {
  assert.equal(headers.get('content-type'), 'application/json; charset=utf-8', where)
  const json = parseObject(bytes, where)
  const {
    success,
    statusCode,
    error,
    code,
    message,
    details,
    requestId,
    docs,
    retryAfterSeconds,
    ...others
  } = json
  assert.deepEqual(others, {}, `${where}: members that the envelope does not have`)
  const declared = problemsOf(definition).find((candidate) => candidate === code)
  if (declared === undefined) assert.fail(`${where}: the definition declares no such refusal`)
  assert.equal(status, problems[declared].status, where)
  assert.equal(success, false, where)
  assert.equal(statusCode, status, where)
  assert.equal(error, STATUS_CODES[status], where)
  assert.ok(typeof message === 'string' && message.length > 0, where)
  assert.equal(requestId, headers.get('x-request-id'), where)
  assert.match(String(docs), new RegExp(`^https?://.+/problems/${declared}$`), where)
  const wait = headers.get('retry-after')
  assert.equal(wait, retryAfterSeconds === undefined ? null : String(retryAfterSeconds), where)
  if (status === 429 || status === 503) assert.match(wait ?? '', /^[1-9]\d*$/, where)
  return {
    code: declared,
    message,
    details: (details ?? []) as ProblemDetail[],
    requestId: String(requestId),
    retryAfterSeconds: wait === null ? undefined : Number(wait),
  }
}

function parseObject(bytes: Buffer, where: string): Record<string, unknown> {
  let value: unknown
  try {
    value = parseExactJson(bytes)
  } catch (error) {
    assert.fail(`${where}: no JSON (${String(error)})`)
  }
  assert.ok(typeof value === 'object' && value !== null && !Array.isArray(value), where)
  return value as Record<string, unknown>
}

const validators = new WeakMap<EndpointShape, Validator<unknown>>()

function validData(definition: EndpointShape, data: unknown, where: string): unknown {
  let validator = validators.get(definition)
  if (validator === undefined) {
    validator = compileValidator(closedSchema(definition.success.data))
    validators.set(definition, validator)
  }
  const validation = validator(data)
  if (!validation.ok) assert.fail(`${where}: data.${validation.message}`)
  return validation.value
}
