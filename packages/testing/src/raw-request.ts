import { connect } from 'node:net'

export interface RawAnswer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** No answer within this time fails the test. */
const ANSWER_MS_MAX = 10_000

/**
 * Sends bytes that no HTTP client would send and gives what came back until the server closed the connection or the
 * announced length was there. `text`: the whole request, with `\n` for line ends.
 */
export function rawRequest(baseUrl: string, text: string | Uint8Array): Promise<RawAnswer> {
  const { hostname, port } = new URL(baseUrl)
  const bytes: Uint8Array = typeof text === 'string' ? Buffer.from(text.replaceAll('\n', '\r\n')) : text
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes))
    let received: Buffer = Buffer.alloc(0)
    const finish = () => {
      socket.destroy()
      resolve(parseAnswer(received))
    }
    socket.setTimeout(ANSWER_MS_MAX, () => socket.destroy(new Error('no answer')))
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      if (isComplete(received)) finish()
    })
    socket.on('end', finish)
    socket.on('error', reject)
  })
}

const HEADERS_END = '\r\n\r\n'

function isComplete(received: Buffer): boolean {
  const end = received.indexOf(HEADERS_END)
  if (end < 0) return false
  const length = /\r\ncontent-length: (\d+)/i.exec(received.subarray(0, end).toString('latin1'))?.[1]
  return length !== undefined && received.length >= end + HEADERS_END.length + Number(length)
}

function parseAnswer(received: Buffer): RawAnswer {
  const end = received.indexOf(HEADERS_END)
  if (end < 0) throw new Error(`no HTTP answer: ${received.toString('utf8').slice(0, 200)}`)
  const [statusLine = '', ...lines] = received.subarray(0, end).toString('latin1').split('\r\n')
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':')
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    }),
  )
  return {
    status: Number(statusLine.split(' ')[1]),
    headers,
    body: received.subarray(end + HEADERS_END.length).toString('utf8'),
  }
}
