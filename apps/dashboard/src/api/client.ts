import type { EndpointShape } from '@pacspace/api/endpoint'
import type { Environment } from '@pacspace/api/environment'
import { ApiProblem, type ApiProblemFacts } from './api-problem.ts'
import type { DataOf, EndpointRef, InputOf } from './endpoint-ref.ts'

export interface CallOptions {
  /** Whose data is meant, where the endpoint has one of each environment. */
  readonly environment?: Environment
  readonly signal?: AbortSignal
  /** Where something public is looked for: there alone. Default: Production, then Sandbox. */
  readonly chainId?: number
  /** Default: 40 s. */
  readonly answerMsMax?: number
}

/** A call that the server does not answer in time counts as unreachable. */
const ANSWER_MS_MAX = 40_000

/**
 * Calls a public route of the Dashboard API with the session's cookie (product.md §4): the page never sees the token.
 * Throws `ApiProblem`.
 */
export async function call<D extends EndpointShape>(
  endpoint: EndpointRef<D>,
  input: InputOf<D>,
  options: CallOptions = {},
): Promise<DataOf<D>> {
  const text = await callText(endpoint, input, options)
  return dataOf<D>(text)
}

/** The same, with the answer's text as it is: of a file. Throws `ApiProblem`. */
export async function callText<D extends EndpointShape>(
  { method, path }: EndpointRef<D>,
  input: InputOf<D>,
  { environment, chainId, signal, answerMsMax = ANSWER_MS_MAX }: CallOptions = {},
): Promise<string> {
  const unreachable = (error: unknown) => {
    if (signal?.aborted) throw error
    throw new ApiProblem(UNREACHABLE, { cause: error })
  }
  // InputOf says which parts there are; here each may be.
  const parts = input as { params?: Parts; query?: Parts; body?: unknown }
  const timeout = AbortSignal.timeout(answerMsMax)
  const response = await fetch(pathOf(path, parts.params ?? {}) + queryOf(parts.query ?? {}), {
    method,
    credentials: 'same-origin',
    redirect: 'error',
    signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    headers: {
      'X-Pacspace-CSRF': '1',
      'X-Amount-Format': 'string',
      ...(environment !== undefined && { 'X-Environment': environment }),
      ...(chainId !== undefined && { 'X-Chain-Id': String(chainId) }),
      ...(parts.body !== undefined && { 'Content-Type': 'application/json' }),
    },
    ...(parts.body !== undefined && { body: JSON.stringify(parts.body) }),
  }).catch(unreachable)
  // An answer that breaks off is none.
  const text = await response.text().catch(unreachable)
  if (!response.ok) throw problemOf(response, text)
  return text
}

type Parts = Readonly<Record<string, unknown>>

const UNREACHABLE: ApiProblemFacts = {
  code: 'UNREACHABLE',
  status: 0,
  message: 'The server does not answer. Your data is safe; try again in a moment.',
}

/** Puts the parameters into a path, percent-encoded. Throws where one is missing. */
export function pathOf(path: string, params: Parts): string {
  return path.replaceAll(/:([A-Za-z]+)/g, (_, name: string) => {
    const value = params[name]
    if (value === undefined) throw new Error(`${path} needs ${name}`)
    return encodeURIComponent(String(value))
  })
}

function queryOf(query: Parts): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') search.set(name, String(value))
  }
  const text = search.toString()
  return text === '' ? '' : `?${text}`
}

function dataOf<D extends EndpointShape>(text: string): DataOf<D> {
  const answer = parsed(text)
  const isEnvelope = typeof answer === 'object' && answer !== null && 'success' in answer
  // The server checks its answers against the definition; log-in answers the bare object.
  return (isEnvelope && 'data' in answer ? answer.data : answer) as DataOf<D>
}

function problemOf(response: Response, text: string): ApiProblem {
  const answer = parsed(text)
  if (typeof answer !== 'object' || answer === null || !('code' in answer) || !('message' in answer)) {
    return new ApiProblem({
      code: 'NOT_UNDERSTOOD',
      status: response.status,
      message: `The server answered ${response.status}, and not in a form that this page knows.`,
      requestId: response.headers.get('x-request-id') ?? undefined,
    })
  }
  return new ApiProblem({ ...(answer as ApiProblemFacts), status: response.status }) // has the members of the error envelope
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
