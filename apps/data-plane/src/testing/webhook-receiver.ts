import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** A request as it arrived. */
export interface Received {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
  /** Of the body. */
  readonly event: {
    readonly id: string
    readonly type: string
    readonly tenantId: string
    readonly data: Record<string, unknown>
  }
  readonly atMs: number
}

/** Answers a request, or does something worse with it. */
export type Respond = (response: ServerResponse, received: Received) => void

export interface WebhookReceiver extends AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly received: Received[]
  /** How it answers from now on; default 200. */
  respond: Respond
}

/** Answers with a status, headers and a body. */
export function answering(status: number, body = '', headers: Record<string, string> = {}): Respond {
  return (response) => response.writeHead(status, headers).end(body)
}

/** A real HTTP server on loopback that keeps what it is sent; HTTPS with a certificate. */
export async function startReceiver(tls?: {
  readonly key: string
  readonly cert: string
}): Promise<WebhookReceiver> {
  const received: Received[] = []
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await text(request)
    const event = body.startsWith('{') ? JSON.parse(body) : undefined
    const one = { path: request.url ?? '', headers: request.headers, body, event, atMs: performance.now() }
    received.push(one)
    receiver.respond(response, one)
  }
  const handle = (request: IncomingMessage, response: ServerResponse) => void serve(request, response)
  const server = tls === undefined ? createServer(handle) : createTlsServer(tls, handle)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // it listens on TCP
  const receiver: WebhookReceiver = {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}/hook`,
    port,
    received,
    respond: answering(200),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
    },
  }
  return receiver
}
