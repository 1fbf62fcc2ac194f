import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Test support: a real HTTP server on a free port that answers as the test says, and remembers what it was sent. */

/** A request as it arrived. */
export interface ReceivedRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** What the server does with one request. */
export type Step =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body: unknown }
  /** The request was read and, for all the client knows, carried out; then the connection breaks. */
  | 'drop'
  /** The answer begins and never ends: the connection breaks in its body. */
  | 'drop in the body'
  | 'never answer'

export interface ScriptedServer extends AsyncDisposable {
  readonly url: string
  readonly requests: ReceivedRequest[]
  /** Resolves once that many requests have arrived. */
  received(count: number): Promise<void>
}

/** Serves the steps in turn; a request beyond them is answered 418, so that the test sees it. */
export async function serveScript(steps: readonly Step[]): Promise<ScriptedServer> {
  const requests: ReceivedRequest[] = []
  const arrivals = new EventTarget()
  const server = createServer(async (req, res) => {
    const body = (await req.setEncoding('utf8').toArray()).join('')
    requests.push({ method: req.method ?? '', url: req.url ?? '', headers: req.headers, body })
    arrivals.dispatchEvent(new Event('request'))
    play(steps[requests.length - 1] ?? { status: 418, body: 'the script is over' }, res)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // a TCP server's
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    async received(count) {
      while (requests.length < count) {
        await new Promise((resolve) => arrivals.addEventListener('request', resolve, { once: true }))
      }
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function play(step: Step, res: ServerResponse): void {
  if (step === 'never answer') return
  if (step === 'drop') return void res.destroy()
  if (step === 'drop in the body') {
    res.writeHead(201, { 'content-type': 'application/json', 'content-length': '100' })
    res.write('{"success":true,', () => res.destroy())
    return
  }
  const text = typeof step.body === 'string' ? step.body : JSON.stringify(step.body)
  res
    .writeHead(step.status, { 'content-type': 'application/json', 'x-request-id': 'req_1', ...step.headers })
    .end(text)
}

/** A success with its envelope. */
export function success(status: number, data: unknown, headers: Record<string, string> = {}): Step {
  return { status, headers, body: { success: true, statusCode: status, data } }
}

/** A refusal as the API words it. */
export function refusal(status: number, code: string, headers: Record<string, string> = {}): Step {
  const body = {
    success: false,
    statusCode: status,
    error: 'Refused',
    code,
    message: `refused with ${code}`,
    details: [{ path: '/delta', message: 'is wrong' }],
    requestId: 'req_1',
    docs: `https://docs.example/problems/${code}`,
  }
  return { status, headers, body }
}
