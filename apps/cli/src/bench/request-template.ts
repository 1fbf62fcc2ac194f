import type { LoadPlan } from './load.ts'

/** Digits that differ from request to request, written over zeros: one place for each delta, or for the request. */
const DIGITS = { key: 15, reference: 16, customer: 6, amount: 4 }

/** 40 bytes as they stand in the body, canonical already. */
const METADATA = '{"plan":"growth","region":"eu-north-13"}'

/** Makes each delta another one, over all requests of the process. */
let lastDelta = 0
let lastRequest = 0
/** Of this process, so that a second run writes new deltas. Five digits. */
const run = 10_000 + (Math.floor(performance.timeOrigin) % 90_000)

/**
 * A request that is rendered once and then written over in place: one memory for each connection, used again once the
 * answer has come. A rendering client costs more than the server it measures.
 */
export class RequestTemplate {
  readonly #bytes: Buffer
  readonly #keyAt: number
  /** Where the digits of each delta stand. */
  readonly #deltas: readonly {
    readonly customer: number
    readonly amount: number
    readonly reference: number
  }[]
  readonly #customers: number

  constructor(plan: LoadPlan, apiKey: string) {
    const delta =
      `{"customerId":"cust_${zeros('customer')}","delta":1${zeros('amount')}.25,"reason":"api calls",` +
      `"referenceId":"ref_${zeros('reference')}"${plan.hasMetadata ? `,"metadata":${METADATA}` : ''}}`
    const list = Array<string>(plan.deltasPerRequest).fill(delta).join(',')
    const isSingle = plan.deltasPerRequest === 1
    const body = isSingle ? delta : `{"deltas":[${list}]}`
    const head =
      `POST /api/v1/balance/delta${isSingle ? '' : '/batch'} HTTP/1.1\r\nHost: ${plan.host}:${plan.port}\r\n` +
      `Content-Type: application/json\r\nX-Api-Key: ${apiKey}\r\n` +
      `Idempotency-Key: bench-${run}-${zeros('key')}\r\nContent-Length: ${body.length}\r\n\r\n`
    this.#bytes = Buffer.from(head + body, 'latin1')
    this.#keyAt = head.indexOf('bench-') + 'bench-00000-'.length
    this.#customers = plan.customers
    this.#deltas = Array.from({ length: plan.deltasPerRequest }, (_, index) => {
      const at = head.length + (isSingle ? 0 : '{"deltas":['.length) + index * (delta.length + 1)
      return {
        customer: at + delta.indexOf('cust_') + 'cust_'.length,
        amount: at + delta.indexOf('"delta":1') + '"delta":1'.length,
        reference: at + delta.indexOf('ref_') + 'ref_'.length,
      }
    })
  }

  /** The next request: new key, new references. Valid until the next call. */
  next(): Buffer {
    const bytes = this.#bytes
    writeDigits(bytes, this.#keyAt, DIGITS.key, ++lastRequest)
    for (const { customer, amount, reference } of this.#deltas) {
      const n = ++lastDelta
      writeDigits(bytes, customer, DIGITS.customer, n % this.#customers)
      writeDigits(bytes, amount, DIGITS.amount, n % 10_000)
      writeDigits(bytes, reference, DIGITS.reference, run * 1e10 + n)
    }
    return bytes
  }
}

function zeros(name: keyof typeof DIGITS): string {
  return '0'.repeat(DIGITS[name])
}

function writeDigits(bytes: Buffer, at: number, digits: number, value: number): void {
  let rest = value
  for (let i = at + digits - 1; i >= at; i--) {
    const tens = Math.floor(rest / 10)
    bytes[i] = 48 + rest - tens * 10
    rest = tens
  }
}
