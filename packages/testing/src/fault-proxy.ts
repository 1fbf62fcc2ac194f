import { connect as connectTo, createServer, type Server, type Socket } from 'node:net'

/** What becomes of connections through the proxy. */
export type ProxyMode =
  | 'forward'
  /** Open ones are cut, new ones are closed at once: the server is down. */
  | 'refuse'
  /** Nothing arrives and nothing is closed: the cable is out. What was sent arrives when it is in again. */
  | 'stall'

/** Where a connection is cut, told by what the client sends. */
export interface CutPoint {
  /** The first connection whose client sends this text is cut. */
  readonly at: string
  /**
   * `before`: what came before the text is forwarded, the text is not. `after`: the server gets it and works, the client
   * never hears from it again. `answered`: the same, but not before the server has answered with this very text, as
   * PostgreSQL answers COMMIT.
   */
  readonly when: 'before' | 'after' | 'answered'
}

/** A TCP proxy that fails on demand. */
export interface FaultProxy extends AsyncDisposable {
  readonly port: number
  /** The same URL, through the proxy. */
  through(url: string): string
  setMode(mode: ProxyMode): void
  /** Cuts one connection, once. Resolves when that has happened. Asked several times, several connections are cut. */
  cutOnce(point: CutPoint): Promise<void>
}

interface PendingCut extends CutPoint {
  readonly done: () => void
}

/** Starts one in front of `host:port` of `targetUrl`, on a free port of 127.0.0.1. */
export async function startFaultProxy(targetUrl: string): Promise<FaultProxy> {
  const target = new URL(targetUrl)
  const links = new Set<Link>()
  let mode: ProxyMode = 'forward'
  const pending: PendingCut[] = []
  const takeCut: TakeCut = (text, known) => {
    const index = pending.findIndex(({ at }) => text.lastIndexOf(at) + at.length > known && text.includes(at))
    return index < 0 ? undefined : pending.splice(index, 1)[0]
  }
  const server = createServer((client) => {
    if (mode === 'refuse') {
      client.destroy()
      return
    }
    const link = new Link(client, connectTo(Number(target.port), target.hostname), takeCut)
    links.add(link)
    link.onGone(() => links.delete(link))
    if (mode === 'stall') link.pause()
  })
  const port = await listen(server)
  return {
    port,
    through(url) {
      const proxied = new URL(url)
      proxied.hostname = '127.0.0.1'
      proxied.port = String(port)
      return proxied.href
    },
    setMode(wanted) {
      mode = wanted
      for (const link of links) {
        if (mode === 'refuse') link.cut()
        else if (mode === 'stall') link.pause()
        else link.resume()
      }
    },
    cutOnce: (point) =>
      new Promise((resolve) => {
        pending.push({ ...point, done: resolve })
      }),
    async [Symbol.asyncDispose]() {
      for (const link of links) link.cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** The cut that is asked for by a text, of which the first `known` characters were seen before. */
type TakeCut = (text: string, known: number) => PendingCut | undefined

/** One client's connection and the one that it is forwarded on. */
class Link {
  readonly #client: Socket
  readonly #server: Socket
  readonly #takeCut: TakeCut
  /** The end of what the client sent last: a text may arrive in two pieces. */
  #rest = ''
  #cutting: PendingCut | undefined

  constructor(client: Socket, server: Socket, takeCut: TakeCut) {
    this.#client = client
    this.#server = server
    this.#takeCut = takeCut
    client.setNoDelay(true)
    server.setNoDelay(true)
    client.on('data', (chunk: Buffer) => this.#fromClient(chunk))
    server.on('data', (chunk: Buffer) => this.#fromServer(chunk))
    client.on('error', () => {}) // 'close' follows
    server.on('error', () => {})
    client.on('close', () => this.#cutting === undefined && server.destroy())
    server.on('close', () => client.destroy())
  }

  onGone(told: () => void): void {
    this.#server.on('close', told)
  }

  cut(): void {
    this.#client.destroy()
    this.#server.destroy()
  }

  pause(): void {
    this.#client.pause()
    this.#server.pause()
  }

  resume(): void {
    this.#client.resume()
    this.#server.resume()
  }

  #fromClient(chunk: Buffer): void {
    const text = this.#rest + chunk.toString('latin1')
    const cut = this.#takeCut(text, this.#rest.length)
    this.#rest = text.slice(-REST_LENGTH)
    if (cut === undefined) {
      this.#server.write(chunk)
      return
    }
    const begin = Math.max(0, text.lastIndexOf(cut.at) - (text.length - chunk.length))
    if (cut.when === 'before') {
      this.#server.end(chunk.subarray(0, begin))
      this.#client.destroy()
      cut.done()
      return
    }
    this.#cutting = cut
    this.#server.write(chunk)
    if (cut.when === 'after') this.#loseClient(cut)
  }

  #fromServer(chunk: Buffer): void {
    const cut = this.#cutting
    if (cut === undefined) {
      this.#client.write(chunk)
      return
    }
    // Swallowed, all of it: the answers to the statements before are lost with it.
    if (chunk.includes(cut.at)) this.#loseClient(cut)
  }

  #loseClient(cut: PendingCut): void {
    if (this.#client.destroyed) {
      this.#server.end()
      return
    }
    this.#client.destroy()
    if (cut.when === 'answered') this.#server.end()
    cut.done()
  }
}

/** Longer than any text that is looked for. */
const REST_LENGTH = 64

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
  return address.port
}
