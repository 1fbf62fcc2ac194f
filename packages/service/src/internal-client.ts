import type { EndpointData, EndpointInput, EndpointShape } from '@pacspace/api/endpoint'
import { Problem, problemCodes } from '@pacspace/api/problem'
import { amountsAsStrings } from './answer-writer.ts'
import { parseExactJson } from './exact-json.ts'
import { compileValidator, type Validator } from './validation.ts'

export interface InternalClientOptions {
  /** Of the plane's private port, without a slash at its end. */
  readonly baseUrl: string
  /** What the control plane and this plane share. */
  readonly secret: string
  /** For the whole call; default 5,000. */
  readonly timeoutMs?: number
}

/** The parts of an endpoint's input that it declares. */
export type CallInput<D extends EndpointShape> = Part<D, 'params'> & Part<D, 'query'> & Part<D, 'body'>

type Part<D extends EndpointShape, Name extends 'params' | 'query' | 'body'> = D[Name] extends object
  ? { readonly [N in Name]: EndpointInput<D>[Name] }
  : { readonly [N in Name]?: undefined }

/** Calls the internal API of one plane. */
export interface InternalClient {
  /**
   * Gives the `data` of the answer, validated by the definition. Raises the problem that the plane answered,
   * SERVICE_UNAVAILABLE when it could not be reached in time (nothing is known about what it did), INTERNAL_ERROR when
   * it answered something else than the definition says.
   */
  call<D extends EndpointShape>(definition: D, input: CallInput<D>): Promise<EndpointData<D>>
}

const TIMEOUT_MS = 5_000

/** A client of one plane. */
export function createInternalClient(options: InternalClientOptions): InternalClient {
  return { call: (definition, input) => callEndpoint(definition, { ...options, ...input }) }
}

/** See `InternalClient.call`. */
export async function callEndpoint<D extends EndpointShape>(
  definition: D,
  options: InternalClientOptions & CallInput<D>,
): Promise<EndpointData<D>> {
  const response = await send(definition, options)
  const answer = parseAnswer(definition, response.bytes)
  if (response.status >= 400) throw problemOfAnswer(definition, response.status, answer)
  const data = definition.success.bare ? answer : answer.data
  const validation = validatorOf(definition)(data)
  if (validation.ok) return validation.value as EndpointData<D> // by its own schema
  throw brokenAnswer(definition, validation.message)
}

type Answer = Readonly<Record<string, unknown>>

async function send(
  definition: EndpointShape,
  options: InternalClientOptions & {
    readonly params?: unknown
    readonly query?: unknown
    readonly body?: unknown
  },
): Promise<{ status: number; bytes: Buffer }> {
  const url = options.baseUrl + pathOf(definition.path, options.params) + queryOf(options.query)
  const body = options.body === undefined ? undefined : JSON.stringify(options.body, amountsAsStrings)
  try {
    const response = await fetch(url, {
      method: definition.method,
      headers: {
        authorization: `Bearer ${options.secret}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      signal: AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS),
      redirect: 'error',
      ...(body === undefined ? {} : { body }),
    })
    return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()) }
  } catch (error) {
    throw new Problem('SERVICE_UNAVAILABLE', {
      internal: `${definition.id}: no answer from the plane`,
      cause: error,
    })
  }
}

/** Fills `:name` in a definition's path, percent-encoded; the slashes of a `:name*` stay. */
export function pathOf(path: string, params: unknown): string {
  const values = (params ?? {}) as Readonly<Record<string, unknown>> // typed by the definition
  return path.replace(/:([A-Za-z]+)(\*?)/g, (_match, name: string, rest: string) => {
    const encoded = encodeURIComponent(String(values[name]))
    return rest === '' ? encoded : encoded.replaceAll('%2F', '/')
  })
}

/** `?name=value&…` of all fields that are not undefined; '' for none. */
export function queryOf(query: unknown): string {
  const pairs = new URLSearchParams()
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) pairs.append(name, String(amountsAsStrings(name, value)))
  }
  return pairs.size === 0 ? '' : `?${pairs}`
}

function parseAnswer(definition: EndpointShape, bytes: Buffer): Answer {
  try {
    const answer = parseExactJson(bytes)
    if (typeof answer === 'object' && answer !== null) return answer as Answer
  } catch (error) {
    throw brokenAnswer(definition, 'no JSON', error)
  }
  throw brokenAnswer(definition, 'no object')
}

/** A refusal of our own credential is our fault, never that of the user on whose behalf we called. */
function problemOfAnswer(definition: EndpointShape, status: number, answer: Answer): Problem {
  const { code, message, details, retryAfterSeconds } = answer
  const known = problemCodes.find((candidate) => candidate === code)
  if (known === undefined || known === 'INVALID_TOKEN') {
    return brokenAnswer(definition, `status ${status}, code ${String(code)}`)
  }
  return new Problem(known, {
    internal: `${definition.id} was refused by the plane`,
    ...(typeof message === 'string' ? { message } : {}),
    ...(Array.isArray(details) ? { details } : {}),
    ...(typeof retryAfterSeconds === 'number' ? { retryAfterSeconds } : {}),
  })
}

function brokenAnswer(definition: EndpointShape, text: string, cause?: unknown): Problem {
  return new Problem('INTERNAL_ERROR', {
    internal: `${definition.id}: unexpected answer from the plane: ${text}`,
    cause,
  })
}

const validators = new WeakMap<EndpointShape, Validator<unknown>>()

function validatorOf(definition: EndpointShape): Validator<unknown> {
  let validator = validators.get(definition)
  if (validator === undefined) {
    validator = compileValidator(definition.success.data)
    validators.set(definition, validator)
  }
  return validator
}
