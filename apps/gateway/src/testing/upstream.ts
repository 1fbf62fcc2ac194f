import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

/** A real HTTP server that stands for a service. */
export interface Upstream extends AsyncDisposable {
  readonly url: string
  readonly port: number
  /** Every request it got, oldest first. */
  readonly requests: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[]
  /** Ends it like a crash: every connection is cut. */
  kill(): Promise<void>
}

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void

/** Starts a server on a free port, or on `port`, that notes each request and answers with `answer` once its body is read. */
export async function startUpstream(answer: Answer, port = 0): Promise<Upstream> {
  const requests: Upstream['requests'] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    try {
      for await (const chunk of request) chunks.push(chunk)
    } catch {
      return // the client went away in the middle of its body
    }
    const body = Buffer.concat(chunks).toString()
    requests.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body })
    answer(request, response, body)
  })
  return await listening(server, port, requests)
}

/** Starts a server that answers before, or without, reading the body. */
export async function startRawUpstream(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Upstream> {
  return await listening(createServer(answer), 0, [])
}

async function listening(server: Server, port: number, requests: Upstream['requests']): Promise<Upstream> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
  const kill = async () => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }
  const url = `http://127.0.0.1:${address.port}`
  return { url, port: address.port, requests, kill, [Symbol.asyncDispose]: kill }
}

/** Answers with JSON and the header every service sends. */
export function answerJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  requestId = 'req_upstream',
): void {
  response.writeHead(status, { 'content-type': 'application/json', 'x-request-id': requestId })
  response.end(JSON.stringify(body))
}
