import type { ServerResponse } from 'node:http'
import type { EndpointShape } from '@pacspace/api/endpoint'
import type { RequestId, TenantId } from '@pacspace/api/id'
import { Problem } from '@pacspace/api/problem'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type AnswerHeaders, headersOf } from './authenticate.ts'
import type { RequestFacts } from './implement.ts'

/** On every answer. No page may frame it, no cache keep it, no browser guess its type. */
export const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
} as const

/** Names and values by turns, the form that node:http takes without a detour. */
const SECURITY_LINES: readonly string[] = Object.entries(SECURITY_HEADERS).flat()

/** One request and its answer: what handlers may know of it, and the one way in which anything leaves. */
export class Exchange implements RequestFacts, AnswerHeaders {
  /** Of the caller, once known; for the log. */
  tenantId: TenantId | undefined
  readonly #request: FastifyRequest
  readonly #reply: FastifyReply
  readonly #definition: EndpointShape | undefined
  /** Names and values by turns; a name that `SECURITY_HEADERS` has stands here instead of there. */
  readonly #lines: string[] = []
  #overridesSecurity = false

  constructor(request: FastifyRequest, reply: FastifyReply, definition: EndpointShape | undefined) {
    this.#request = request
    this.#reply = reply
    this.#definition = definition
  }

  get id(): RequestId {
    return this.#request.id as RequestId // made by newRequestId
  }

  get idempotencyKey(): string | undefined {
    return this.#definition?.idempotent ? this.headers['idempotency-key'] : undefined
  }

  get remoteAddress(): string {
    return this.#request.ip
  }

  get headers(): RequestFacts['headers'] {
    return headersOf(this.#request.raw.headers)
  }

  /** 1–255 printable ASCII characters, space included. Raises VALIDATION_ERROR. */
  checkIdempotencyKey(): void {
    const key = this.idempotencyKey
    if (key === undefined || /^[ -~]{1,255}$/.test(key)) return
    const text = 'Idempotency-Key must have 1–255 printable ASCII characters'
    throw new Problem('VALIDATION_ERROR', {
      message: `Validation failed: ${text}`,
      details: [{ path: '', message: text }],
    })
  }

  /** Sets a header of the answer, whatever it will be; the last one of a name wins. `name`: lower case or as on the wire. */
  header(name: string, value: string): void {
    const lowerName = name.toLowerCase()
    if (lowerName in SECURITY_HEADERS) this.#overridesSecurity = true
    const lines = this.#lines
    for (let at = 0; at < lines.length; at += 2) {
      if (lines[at] === lowerName) {
        lines[at + 1] = value
        return
      }
    }
    lines.push(lowerName, value)
  }

  /** Adds a `Set-Cookie` line; there may be several. */
  addCookie(line: string): void {
    this.#lines.push('set-cookie', line)
  }

  /**
   * Answers, once. Written to the socket directly: the framework's way through its hooks and header map cost 4 µs of an
   * emit, and there are no hooks here.
   */
  send(status: number, contentType: string, body: string | Buffer): void {
    const { raw } = this.#reply
    const bytes = Buffer.byteLength(body)
    this.#reply.hijack()
    raw.writeHead(status, [...this.#headLines(contentType), 'content-length', String(bytes)])
    // One byte a character: header and body go out as they are, without a search for longer ones.
    raw.end(body, bytes === body.length ? 'latin1' : 'utf8')
  }

  /** Sends the head of an answer whose body goes on; the rest is the caller's. */
  begin(status: number, contentType: string): ServerResponse {
    const { raw } = this.#reply
    this.#reply.hijack()
    raw.writeHead(status, [...this.#headLines(contentType)])
    raw.flushHeaders()
    return raw
  }

  #headLines(contentType: string): string[] {
    const security = this.#overridesSecurity ? securityLinesWithout(this.#lines) : SECURITY_LINES
    return [...security, ...this.#lines, 'x-request-id', this.#request.id, 'content-type', contentType]
  }

  /** Gives the connection up: there is nobody to answer. */
  abandon(): void {
    this.#reply.hijack()
    this.#request.raw.destroy()
  }
}

function securityLinesWithout(lines: readonly string[]): readonly string[] {
  return Object.entries(SECURITY_HEADERS)
    .filter(([name]) => !lines.includes(name))
    .flat()
}
