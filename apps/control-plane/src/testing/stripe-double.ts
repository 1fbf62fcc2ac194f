import { createServer, type IncomingMessage, type Server } from 'node:http'
import { text } from 'node:stream/consumers'
import type { Clock } from '@pacspace/service/clock'
import Stripe from 'stripe'

type Fields = Readonly<Record<string, string>>
/** A thing of Stripe's, as JSON. */
type Thing = Record<string, unknown> & { readonly id: string }

/** A request as Stripe would see it. */
interface StripeCall {
  readonly method: string
  readonly path: string
  readonly fields: Fields
  readonly idempotencyKey: string | undefined
}

/**
 * Stripe's HTTP API as far as this product uses it, on this machine: form-encoded requests, JSON answers, idempotency keys, lists.
 * The official client talks to it and does not know the difference; a test plays the customer, Stripe's clock and its deliveries.
 */
export class StripeDouble {
  readonly webhookSecret = 'whsec_of_the_double_0123456789abcdefghij'
  /** Every call received, in order. */
  readonly calls: StripeCall[] = []
  readonly customers = new Map<string, Thing>()
  readonly sessions = new Map<string, Thing>()
  readonly subscriptions = new Map<string, Thing>()
  readonly invoices = new Map<string, Thing>()
  readonly invoiceItems = new Map<string, Thing>()
  /** While set, every call is answered with that status. */
  outage: number | undefined
  /** Runs before each answer: a test can let something happen in between. */
  beforeAnswer: ((call: StripeCall) => Promise<void>) | undefined
  readonly #clock: Clock
  readonly #answers = new Map<string, unknown>()
  readonly #client = new Stripe('sk_test_signs_only')
  #server: Server | undefined
  #count = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  async start(): Promise<void> {
    const server = createServer((request, response) => {
      this.#answer(request).then(
        ({ status, body }) => {
          response.writeHead(status, { 'content-type': 'application/json', 'request-id': 'req_double' })
          response.end(JSON.stringify(body))
        },
        (error: unknown) => response.writeHead(500).end(String(error)),
      )
    })
    this.#server = server
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  }

  async stop(): Promise<void> {
    const server = this.#server
    if (server === undefined) return
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }

  get url(): string {
    const address = this.#server?.address()
    if (typeof address !== 'object' || address === null) throw new Error('the double is not started')
    return `http://127.0.0.1:${address.port}`
  }

  /** The customer pays on a Checkout page: the session completes and a subscription is held. */
  completeCheckout(sessionId: string): Thing {
    const session = this.sessions.get(sessionId)
    if (session?.status !== 'open') throw new Error(`session ${sessionId} is not open`)
    session.status = 'complete'
    return this.addSubscription(String(session.customer), String(session.price))
  }

  addSubscription(customer: string, price: string): Thing {
    const id = this.#id('sub')
    const subscription = {
      id,
      object: 'subscription',
      customer,
      status: 'active',
      created: this.#seconds(),
      cancel_at_period_end: false,
      cancel_at: null,
      items: listOf([this.#item(price)]),
    }
    this.subscriptions.set(id, subscription)
    return subscription
  }

  addInvoice(customer: string, other: Readonly<Record<string, unknown>> = {}): Thing {
    const id = this.#id('in')
    const invoice = {
      id,
      object: 'invoice',
      customer,
      status: 'draft',
      created: this.#seconds(),
      total: 0,
      hosted_invoice_url: null,
      lines: listOf([]),
      ...other,
    }
    this.invoices.set(id, invoice)
    return invoice
  }

  /** An event as Stripe delivers it: the bytes, and their signature at this moment. */
  delivery(type: string, object: Thing, eventId = this.#id('evt')) {
    const event = { id: eventId, object: 'event', type, created: this.#seconds(), data: { object } }
    const body = JSON.stringify(event)
    return { body, headers: { 'stripe-signature': this.signature(body) } }
  }

  /** Made by Stripe's own library. */
  signature(payload: string, timestamp = this.#seconds()): string {
    return this.#client.webhooks.generateTestHeaderString({
      payload,
      secret: this.webhookSecret,
      timestamp,
    })
  }

  async #answer(request: IncomingMessage): Promise<{ status: number; body: unknown }> {
    const url = new URL(request.url ?? '/', 'http://stripe')
    const fields = Object.fromEntries([...url.searchParams, ...new URLSearchParams(await text(request))])
    const key = request.headers['idempotency-key']
    const call: StripeCall = {
      method: request.method ?? '',
      path: url.pathname,
      fields,
      idempotencyKey: typeof key === 'string' ? key : undefined,
    }
    this.calls.push(call)
    if (this.outage !== undefined) {
      return { status: this.outage, body: { error: { type: 'api_error', message: 'the double is out' } } }
    }
    await this.beforeAnswer?.(call)
    const remembered = call.idempotencyKey && this.#answers.get(call.idempotencyKey)
    if (remembered) return { status: 200, body: remembered }
    const body = this.#handle(call)
    if (body === undefined) {
      const error = {
        type: 'invalid_request_error',
        message: `the double has no ${call.method} ${call.path}`,
      }
      return { status: 404, body: { error } }
    }
    if (call.idempotencyKey !== undefined) this.#answers.set(call.idempotencyKey, structuredClone(body))
    return { status: 200, body }
  }

  #handle({ method, path, fields }: StripeCall): unknown {
    const [, , kind = '', ...rest] = path.split('/')
    switch (`${method} ${kind}`) {
      case 'POST customers':
        return this.#keep(this.customers, {
          id: this.#id('cus'),
          object: 'customer',
          metadata: nested(fields),
        })
      case 'POST checkout':
        return rest[2] === 'expire' ? this.#expire(rest[1] ?? '') : this.#openSession(fields)
      case 'GET checkout':
        return listOf(ofCustomer(this.sessions, fields).filter(({ status }) => status === fields.status))
      case 'GET subscriptions': {
        const [id] = rest
        return id === undefined ? listOf(ofCustomer(this.subscriptions, fields)) : this.subscriptions.get(id)
      }
      case 'POST subscriptions':
        return this.#changeSubscription(rest[0] ?? '', fields)
      case 'POST billing_portal':
        return { id: this.#id('bps'), url: `https://billing.stripe.test/p/${fields.customer}` }
      case 'GET invoices':
        return listOf(
          ofCustomer(this.invoices, fields)
            .filter(({ status }) => fields.status === undefined || status === fields.status)
            .toReversed(),
        )
      case 'POST invoices':
        return this.addInvoice(fields.customer ?? '', { status: 'open' })
      case 'GET invoiceitems':
        return listOf(ofCustomer(this.invoiceItems, fields))
      case 'POST invoiceitems':
        return this.#keep(this.invoiceItems, {
          ...fields,
          id: this.#id('ii'),
          object: 'invoiceitem',
          metadata: nested(fields),
        })
      default:
        return undefined
    }
  }

  #openSession(fields: Fields): Thing {
    const id = this.#id('cs')
    return this.#keep(this.sessions, {
      id,
      object: 'checkout.session',
      status: 'open',
      url: `https://checkout.stripe.test/${id}`,
      customer: fields.customer,
      price: fields['line_items[0][price]'],
      client_reference_id: fields.client_reference_id,
      anchor: fields['subscription_data[billing_cycle_anchor]'],
    })
  }

  #expire(id: string): Thing | undefined {
    const session = this.sessions.get(id)
    return session && Object.assign(session, { status: 'expired' })
  }

  #changeSubscription(id: string, fields: Fields): Thing | undefined {
    const subscription = this.subscriptions.get(id)
    if (subscription === undefined) return undefined
    const price = fields['items[0][price]']
    if (price !== undefined) subscription.items = listOf([this.#item(price)])
    const cancel = fields.cancel_at_period_end
    if (cancel !== undefined) subscription.cancel_at_period_end = cancel === 'true'
    return subscription
  }

  #item(price: string): Thing {
    const now = new Date(this.#clock.now())
    const end = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1) / 1_000
    return { id: this.#id('si'), price: { id: price }, current_period_end: end }
  }

  #keep(things: Map<string, Thing>, thing: Thing): Thing {
    things.set(thing.id, thing)
    return thing
  }

  #id(prefix: string): string {
    this.#count++
    return `${prefix}_${String(this.#count).padStart(14, '0')}`
  }

  #seconds(): number {
    return Math.floor(this.#clock.now() / 1_000)
  }
}

function listOf(data: readonly Thing[]) {
  return { object: 'list', data, has_more: false }
}

function ofCustomer(things: ReadonlyMap<string, Thing>, { customer }: Fields): Thing[] {
  return [...things.values()].filter((thing) => thing.customer === customer)
}

/** `metadata[name]=value` → `{ name: value }`. */
function nested(fields: Fields): Record<string, string> {
  const metadata: Record<string, string> = {}
  for (const [name, value] of Object.entries(fields)) {
    const inner = /^metadata\[(.+)\]$/.exec(name)?.[1]
    if (inner !== undefined) metadata[inner] = value
  }
  return metadata
}
