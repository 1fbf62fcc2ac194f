import type * as ledger from '@pacspace/api/definition/ledger'
import type * as webhooks from '@pacspace/api/definition/webhooks'
import { type AmountInput, decimalText } from '../internal/decimal-text.ts'
import { path, queryText } from '../internal/path.ts'
import type { CallOptions, Transport, WriteOptions } from '../internal/transport.ts'
import type { AmountOf, Answer, Body, Query } from '../internal/wire.ts'
import { PacSpaceError, TimeoutError } from './error.ts'

/** A delta as you send it. `delta`: a number goes by its shortest decimal; use text or bigint where every digit counts. */
export type DeltaInput = Body<typeof ledger.emitDelta, AmountInput>

/** An acknowledged delta: it is on disk. */
export type EmittedDelta<Exact extends boolean> = Answer<typeof ledger.emitDelta, AmountOf<Exact>>

/** What became of each item of a batch, in your order. */
export type EmittedBatch<Exact extends boolean> = Answer<typeof ledger.emitBatch, AmountOf<Exact>>

/** A delta with its present status and, once verified, its proof. */
export type DeltaDetails<Exact extends boolean> = Answer<typeof ledger.getDelta, AmountOf<Exact>>

/** A balance, and the deltas it is made of by page. */
export type DerivedBalance<Exact extends boolean> = Answer<typeof ledger.deriveBalance, AmountOf<Exact>>

export type Customer<Exact extends boolean> = Answer<
  typeof ledger.listCustomers,
  AmountOf<Exact>
>['customers'][number]

/** A delta as one object, with how to send it. */
export type EmitRequest = DeltaInput & WriteOptions

/** The parts of a delta that need not be there, and how to send it. */
export type EmitOptions = Omit<EmitRequest, 'customerId' | 'delta' | 'reason'>

export interface WaitOptions extends CallOptions {
  /** Milliseconds to wait for the verification; default 30,000. */
  readonly waitTimeout?: number | undefined
}

export interface DeriveOptions extends Query<typeof ledger.deriveBalance, AmountInput>, CallOptions {}

/** Webhook deliveries with their attempts, by page. */
export type WebhookDeliveries = Answer<typeof webhooks.listDeliveries, never>

/** An event as it would be sent to a webhook endpoint. */
export type ListenedEvent = Answer<typeof webhooks.listenEvents, never>['events'][number]

export interface DeliveriesOptions extends Query<typeof webhooks.listDeliveries, never>, CallOptions {}
export interface ListenOptions extends Query<typeof webhooks.listenEvents, never>, CallOptions {}

export interface CustomersOptions extends CallOptions {
  /** Part of a customer id, without regard to case. */
  readonly search?: string | undefined
  /** Customers fetched at a time; default and most 100. */
  readonly pageSize?: number | undefined
}

const WAIT_TIMEOUT_MS = 30_000
/** Verification takes a fraction of a second: the first look comes early, later ones at half the pace each. */
const FIRST_POLL_DELAY_MS = 50
const POLL_DELAY_MS_MAX = 1_000
const PAGE_SIZE_MAX = 100

/**
 * The Balance API. All calls raise `PacSpaceError`; those that write may be repeated with the same `idempotencyKey`
 * whatever happened to the first.
 */
export class Balance<Exact extends boolean> {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** Appends a change to a customer's ledger. When it resolves, the change is on disk. */
  emit(request: EmitRequest): Promise<EmittedDelta<Exact>>
  emit(
    customerId: string,
    delta: AmountInput,
    reason: string,
    options?: EmitOptions,
  ): Promise<EmittedDelta<Exact>>
  async emit(...args: LooseEmitArguments): Promise<EmittedDelta<Exact>> {
    const { delta, options } = readEmit(args)
    return this.#transport.post('/api/v1/balance/delta', delta, options)
  }

  /** `emit`, then `waitForVerified`. The `signal` ends both. */
  emitAndWait(request: EmitRequest & WaitOptions): Promise<DeltaDetails<Exact>>
  emitAndWait(
    customerId: string,
    delta: AmountInput,
    reason: string,
    options?: EmitOptions & WaitOptions,
  ): Promise<DeltaDetails<Exact>>
  async emitAndWait(...args: LooseEmitArguments): Promise<DeltaDetails<Exact>> {
    const { delta, options } = readEmit(args)
    const emitted = await this.#transport.post<EmittedDelta<Exact>>('/api/v1/balance/delta', delta, options)
    return this.waitForVerified(emitted.recordId, options)
  }

  /** Appends up to 1,000 changes in one commit. A bad item fails alone: look at the `status` of each result. */
  async emitBatch(deltas: readonly DeltaInput[], options: WriteOptions = {}): Promise<EmittedBatch<Exact>> {
    return this.#transport.post('/api/v1/balance/delta/batch', { deltas: deltas.map(wireDelta) }, options)
  }

  /** A delta with its present status and, once verified, its proof. */
  async deltaStatus(recordId: string, options: CallOptions = {}): Promise<DeltaDetails<Exact>> {
    return this.#transport.get(path`/api/v1/balance/delta/${recordId}`, '', options)
  }

  /**
   * Waits until a delta is verified. Raises `DELTA_FAILED` when its stored data was found damaged, `TIMEOUT` when it
   * takes longer than `waitTimeout`.
   */
  async waitForVerified(recordId: string, options: WaitOptions = {}): Promise<DeltaDetails<Exact>> {
    const { runtime } = this.#transport
    const { waitTimeout = WAIT_TIMEOUT_MS, signal } = options
    const deadline = runtime.now() + waitTimeout
    for (let delayMs = FIRST_POLL_DELAY_MS; ; delayMs = Math.min(delayMs * 2, POLL_DELAY_MS_MAX)) {
      const delta = await this.deltaStatus(recordId, options)
      if (delta.status === 'VERIFIED') return delta
      if (delta.status === 'FAILED') {
        throw new PacSpaceError(
          'DELTA_FAILED',
          `${recordId} cannot be verified: its stored data was found damaged`,
        )
      }
      if (runtime.now() + delayMs > deadline) {
        throw new TimeoutError(
          'TIMEOUT',
          `${recordId} was not verified within ${waitTimeout} ms: ${delta.status}`,
        )
      }
      await runtime.sleep(delayMs, signal)
    }
  }

  /** The balance of a customer from its verified deltas: of all time, of a scope, or after a checkpoint. */
  async derive(customerId: string, options: DeriveOptions = {}): Promise<DerivedBalance<Exact>> {
    const { timeout, maxRetries, signal, startingBalance, ...query } = options
    const text = queryText({
      ...query,
      startingBalance: startingBalance === undefined ? undefined : decimalText(startingBalance),
    })
    return this.#transport.get(path`/api/v1/balance/derive/${customerId}`, text, {
      timeout,
      maxRetries,
      signal,
    })
  }

  /** Webhook deliveries to all endpoints, newest first. */
  async listWebhookDeliveries(options: DeliveriesOptions = {}): Promise<WebhookDeliveries> {
    const { timeout, maxRetries, signal, ...query } = options
    const call = { timeout, maxRetries, signal }
    return this.#transport.get('/api/v1/balance/webhooks', queryText({ ...query }), call)
  }

  /** Sends an event again to every endpoint that it went to, under the same id. */
  async retryWebhook(
    eventId: string,
    options: CallOptions = {},
  ): Promise<Answer<typeof webhooks.retryDelivery, never>> {
    return this.#transport.post(path`/api/v1/balance/webhooks/${eventId}/retry`, {}, options)
  }

  /** Events as they happen, for a listener without an address of its own. Without a cursor: none, and one that begins now. */
  async webhookEvents(options: ListenOptions = {}): Promise<Answer<typeof webhooks.listenEvents, never>> {
    const { timeout, maxRetries, signal, ...query } = options
    const call = { timeout, maxRetries, signal }
    return this.#transport.get('/api/v1/balance/webhooks/events', queryText({ ...query }), call)
  }

  /** Every customer with its verified balance, fetched page by page as you go: `for await (const c of customers())`. */
  async *customers(options: CustomersOptions = {}): AsyncGenerator<Customer<Exact>, void, undefined> {
    const { search, pageSize: limit = PAGE_SIZE_MAX } = options
    for (let page = 1; ; page++) {
      const { customers, pagination } = await this.#transport.get<
        Answer<typeof ledger.listCustomers, AmountOf<Exact>>
      >('/api/v1/balance/customers', queryText({ page, limit, search }), options)
      yield* customers
      if (page >= pagination.totalPages) return
    }
  }
}

/** Both ways to call `emit`, before it is clear which. */
type LooseEmitArguments = [
  request: string | (EmitRequest & WaitOptions),
  delta?: AmountInput,
  reason?: string,
  options?: EmitOptions & WaitOptions,
]

/** The delta as it is sent, apart from how to send it. Fields unknown to the SDK go along: the API refuses them by name. */
function readEmit(args: LooseEmitArguments): { delta: object; options: WriteOptions & WaitOptions } {
  const { idempotencyKey, timeout, maxRetries, signal, waitTimeout, ...delta } = requestOf(args)
  return { delta: wireDelta(delta), options: { idempotencyKey, timeout, maxRetries, signal, waitTimeout } }
}

function requestOf([request, delta, reason, options]: LooseEmitArguments): EmitRequest & WaitOptions {
  if (typeof request === 'object') return request
  if (delta === undefined || reason === undefined) {
    throw new PacSpaceError('INVALID_OPTION', 'emit needs a customer id, a delta and a reason')
  }
  return { ...options, customerId: request, delta, reason }
}

function wireDelta(delta: DeltaInput): object {
  return { ...delta, delta: decimalText(delta.delta) }
}
