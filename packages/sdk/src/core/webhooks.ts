import { toBase64 } from '@pacspace/proofs/base64'
import { toHex } from '@pacspace/proofs/hex'
import { bytesOfSignature, keysOf, type SigningKey, signedMessage } from '../internal/webhook-signature.ts'
import { PacSpaceError } from './error.ts'

/** Seconds that a timestamp may be off, either way: an old request sent again is refused. */
export const WEBHOOK_TOLERANCE_SECONDS = 300

export interface WebhookOptions {
  /** Clock, for tests: milliseconds since 1970. Default: the host's. */
  readonly now?: () => number
  /** Default 300. */
  readonly toleranceSeconds?: number
}

/** Headers as your server gives them: a `Headers`, or an object whose names are in any case. */
export type WebhookHeaders =
  | { get(name: string): string | null }
  | Readonly<Record<string, string | readonly string[] | undefined>>

/** The event that a request carries. `data` depends on `type`; see docs/webhooks.md. */
export interface WebhookEvent {
  /** `evt_…`: the same on every attempt and every replay. Keep the ids you have handled, and handle none twice. */
  readonly id: string
  readonly event: string
  readonly type: string
  /** Unix seconds of the event; an attempt's own time is in its headers. */
  readonly timestamp: number
  readonly createdAt: string
  readonly tenantId: string
  readonly environment: 'sandbox' | 'production'
  readonly data: Readonly<Record<string, unknown>>
}

export interface WebhookToSign {
  /** The raw body. */
  readonly payload: string
  readonly id: string
  readonly event: string
  /** Unix seconds; default: now. */
  readonly timestamp?: number
}

/**
 * Receives webhooks. `secret`: the endpoint's `whsec_…` text, or several during a rotation.
 *
 * ```ts
 * const webhooks = new Webhooks(process.env.PACSPACE_WEBHOOK_SECRET)
 * const event = await webhooks.verify(rawBody, request.headers)
 * ```
 */
export class Webhooks {
  readonly #secrets: readonly string[]
  readonly #keys: Promise<readonly SigningKey[]>
  readonly #now: () => number
  readonly #toleranceSeconds: number

  /** Raises `INVALID_OPTION` for something that is no secret. */
  constructor(secret: string | readonly string[], options: WebhookOptions = {}) {
    this.#secrets = typeof secret === 'string' ? [secret] : secret
    if (this.#secrets.length === 0 || !this.#secrets.every((one) => /^whsec_.+$/.test(one))) {
      throw new PacSpaceError('INVALID_OPTION', 'a webhook secret looks like whsec_…')
    }
    this.#keys = keysOf(this.#secrets)
    this.#keys.catch(() => {}) // told to whoever uses them
    this.#now = options.now ?? (() => Date.now())
    this.#toleranceSeconds = options.toleranceSeconds ?? WEBHOOK_TOLERANCE_SECONDS
  }

  /**
   * The event of a request, once it is certain that PacSpace sent exactly these bytes within the last five minutes. Every
   * signature family that the request carries must verify, and ids that it names must agree. `payload`: the body as it
   * arrived, not parsed and written again. Raises `INVALID_SIGNATURE`: answer 400 and do nothing.
   */
  async verify(payload: string | Uint8Array, headers: WebhookHeaders): Promise<WebhookEvent> {
    const raw = typeof payload === 'string' ? payload : new TextDecoder().decode(payload)
    const read = (name: string) => headerOf(headers, name)
    const own = { signature: read('x-pacspace-signature'), timestamp: read('x-pacspace-timestamp') }
    const standard = {
      signature: read('webhook-signature'),
      timestamp: read('webhook-timestamp'),
      id: read('webhook-id'),
    }
    if (own.signature === undefined && standard.signature === undefined) throw refused('no signature header')
    if (own.signature !== undefined) {
      this.#requireFresh(own.timestamp)
      const message = signedMessage(`${own.timestamp}.${raw}`)
      await this.#requireSigned('text', signaturesIn(own.signature, ',', 'v1='), message)
    }
    if (standard.signature !== undefined) {
      if (standard.id === undefined) throw refused('no webhook-id header')
      this.#requireFresh(standard.timestamp)
      const message = signedMessage(`${standard.id}.${standard.timestamp}.${raw}`)
      await this.#requireSigned('bytes', signaturesIn(standard.signature, ' ', 'v1,'), message)
    }
    return eventOf(raw, [standard.id, read('x-event-id')])
  }

  /** The headers that PacSpace would send with this payload: for tests of your receiver. */
  async sign(webhook: WebhookToSign): Promise<Record<string, string>> {
    const { payload, id, event } = webhook
    const timestamp = String(webhook.timestamp ?? Math.floor(this.#now() / 1_000))
    const own: string[] = []
    const standard: string[] = []
    for (const key of await this.#keys) {
      const sign = async (hmac: CryptoKey, message: string) =>
        new Uint8Array(await crypto.subtle.sign('HMAC', hmac, signedMessage(message)))
      own.push(`v1=${toHex(await sign(key.text, `${timestamp}.${payload}`)).slice(2)}`)
      if (key.bytes !== undefined) {
        standard.push(`v1,${toBase64(await sign(key.bytes, `${id}.${timestamp}.${payload}`))}`)
      }
    }
    return {
      'content-type': 'application/json',
      'x-pacspace-signature': own.join(','),
      'x-pacspace-timestamp': timestamp,
      'x-webhook-event': event,
      'x-event-id': id,
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      ...(standard.length > 0 && { 'webhook-signature': standard.join(' ') }),
    }
  }

  #requireFresh(timestamp: string | undefined): void {
    if (timestamp === undefined || !/^\d{1,12}$/.test(timestamp)) throw refused('no timestamp')
    const offSeconds = Math.abs(Math.floor(this.#now() / 1_000) - Number(timestamp))
    if (offSeconds > this.#toleranceSeconds) throw refused(`the timestamp is ${offSeconds} s off`)
  }

  /** WebCrypto compares in constant time. */
  async #requireSigned(
    family: 'text' | 'bytes',
    signatures: readonly Uint8Array<ArrayBuffer>[],
    message: Uint8Array<ArrayBuffer>,
  ): Promise<void> {
    for (const key of await this.#keys) {
      const hmac = key[family]
      if (hmac === undefined) continue
      for (const signature of signatures) {
        if (await crypto.subtle.verify('HMAC', hmac, signature, message)) return
      }
    }
    throw refused('the signature does not match')
  }
}

function headerOf(headers: WebhookHeaders, name: string): string | undefined {
  if ('get' in headers && typeof headers.get === 'function') return headers.get(name) ?? undefined
  for (const [key, value] of Object.entries(headers)) {
    if (key.toLowerCase() === name && value !== undefined) return typeof value === 'string' ? value : value[0]
  }
  return undefined
}

/** Attacker-controlled: whatever is no signature of that scheme is left out. */
function signaturesIn(header: string, separator: string, prefix: string): Uint8Array<ArrayBuffer>[] {
  return header
    .split(separator, SIGNATURES_MAX)
    .map((part) => part.trim())
    .filter((part) => part.startsWith(prefix))
    .flatMap((part) => bytesOfSignature(part.slice(prefix.length)) ?? [])
}

/** More signatures than a rotation has are looked at by nobody. */
const SIGNATURES_MAX = 8

function eventOf(raw: string, ids: readonly (string | undefined)[]): WebhookEvent {
  let event: unknown
  try {
    event = JSON.parse(raw)
  } catch (error) {
    throw new PacSpaceError('INVALID_SIGNATURE', 'the webhook is signed, but its body is not JSON', {
      cause: error,
    })
  }
  const inBody = typeof event === 'object' && event !== null && 'id' in event ? event.id : undefined
  const named = [...ids, inBody].filter((id) => id !== undefined)
  if (named.some((id) => id !== named[0])) throw refused('the ids of header and body differ')
  return event as WebhookEvent // signed by PacSpace, whose form this is
}

function refused(why: string): PacSpaceError {
  return new PacSpaceError('INVALID_SIGNATURE', `this webhook is not to be trusted: ${why}`)
}
