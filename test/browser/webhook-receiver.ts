import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

export interface Received {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A receiver of webhooks on this machine, which keeps what arrives and answers what it is told to. */
export class WebhookReceiver implements AsyncDisposable {
  readonly received: Received[] = []
  /** What it answers from now on. */
  answer: { readonly status: number; readonly body: string } = { status: 200, body: 'ok' }
  readonly #server = createServer(async (request, response) => {
    const body = (await buffer(request)).toString('utf8')
    this.received.push({ headers: request.headers, body })
    response.writeHead(this.answer.status).end(this.answer.body)
  })

  static async start(): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver()
    await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve))
    return receiver
  }

  /** Where it listens. */
  get url(): string {
    const { port } = this.#server.address() as AddressInfo // a server that listens on a port
    return `http://127.0.0.1:${port}/hooks`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
