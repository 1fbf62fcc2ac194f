import { baseUrlOf } from '../internal/base-url.ts'
import { type Fetch, hostFetch, hostRuntime, type Runtime } from '../internal/runtime.ts'
import { Transport } from '../internal/transport.ts'
import { Balance } from './balance.ts'
import { PacSpaceError } from './error.ts'
import { type ProofVerdict, verifyProof } from './verify-proof.ts'
import { Webhooks } from './webhooks.ts'

export interface PacSpaceOptions<Exact extends boolean = false> {
  /** `pk_test_…` for Sandbox, `pk_live_…` for Production. */
  readonly apiKey: string
  /** Where all requests go, whatever the key. Default: by the key's prefix, see `sandboxUrl` and `productionUrl`. */
  readonly baseUrl?: string | undefined
  /** Where a `pk_test_` key is used. Default: environment variable `PACSPACE_SANDBOX_URL`, else the published host. */
  readonly sandboxUrl?: string | undefined
  /** Where a `pk_live_` key is used. Default: environment variable `PACSPACE_PRODUCTION_URL`, else the published host. */
  readonly productionUrl?: string | undefined
  /** Sent as `X-Chain-Id`; must agree with the key: 296 Sandbox, 295 Production. Default: not sent. */
  readonly chainId?: number | undefined
  /** Attempts after the first, for 408, 429, 5xx, broken connections and timeouts. Default 2. */
  readonly maxRetries?: number | undefined
  /** Milliseconds that one attempt may take. Default 30,000. */
  readonly timeout?: number | undefined
  /** Amounts in answers as exact decimal strings. Default false: numbers, which cannot hold every amount exactly. */
  readonly exactAmounts?: Exact | undefined
  /** The `whsec_…` secret of your webhook endpoint, or several during a rotation; `webhooks` needs it. */
  readonly webhookSecret?: string | readonly string[] | undefined
  /** Default: the host's. */
  readonly fetch?: Fetch | undefined
  /** Clock, waiting and randomness, for tests. Default: the host's. */
  readonly runtime?: Runtime | undefined
}

const MAX_RETRIES = 2
const TIMEOUT_MS = 30_000

/**
 * A client of the PacSpace API for one API key. Keep one for the life of the process.
 *
 * ```ts
 * const pacspace = new PacSpace({ apiKey: process.env.PACSPACE_API_KEY })
 * await pacspace.balance.emit('cust_77', '-250', 'seat charge', { referenceId: 'bill_31' })
 * ```
 */
export class PacSpace<Exact extends boolean = false> {
  readonly balance: Balance<Exact>
  readonly #webhooks: Webhooks | undefined

  /** Sends nothing. Raises `INVALID_OPTION`. */
  constructor(options: PacSpaceOptions<Exact>) {
    const { apiKey, chainId, exactAmounts, fetch = hostFetch, runtime = hostRuntime } = options
    if (!/^[!-~]+$/.test(apiKey))
      throw new PacSpaceError('INVALID_OPTION', 'apiKey is missing or not an API key')
    const transport = new Transport({
      baseUrl: baseUrlOf(options),
      headers: {
        accept: 'application/json',
        'x-api-key': apiKey,
        ...(chainId !== undefined && { 'x-chain-id': String(chainId) }),
        ...(exactAmounts && { 'x-amount-format': 'string' }),
      },
      timeout: atLeast(1, 'timeout', options.timeout ?? TIMEOUT_MS),
      maxRetries: atLeast(0, 'maxRetries', options.maxRetries ?? MAX_RETRIES),
      fetch,
      runtime,
    })
    this.balance = new Balance(transport)
    if (options.webhookSecret !== undefined) {
      this.#webhooks = new Webhooks(options.webhookSecret, { now: () => runtime.now() })
    }
  }

  /** Verifies the webhooks that PacSpace sends you. Raises `INVALID_OPTION` where `webhookSecret` was not given. */
  get webhooks(): Webhooks {
    if (this.#webhooks === undefined) {
      throw new PacSpaceError('INVALID_OPTION', 'webhooks need the option webhookSecret')
    }
    return this.#webhooks
  }

  /** The same as `new PacSpace({ apiKey, ...options })`. */
  static init<Exact extends boolean = false>(
    apiKey: string,
    options: Omit<PacSpaceOptions<Exact>, 'apiKey'> = {},
  ): PacSpace<Exact> {
    return new PacSpace<Exact>({ ...options, apiKey })
  }

  /** See `verifyProof`. Needs no connection. */
  verifyProof(text: string, publicKey: string | readonly string[]): Promise<ProofVerdict> {
    return verifyProof(text, publicKey)
  }
}

function atLeast(minimum: number, name: string, value: number): number {
  if (value >= minimum) return value
  throw new PacSpaceError('INVALID_OPTION', `${name} must be at least ${minimum}: ${value}`)
}
