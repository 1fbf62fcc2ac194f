import { connect, type Socket } from 'node:net'

const HEADER_END = Buffer.from('\r\n\r\n')
const FAILED_ITEMS = Buffer.from('"totalFailed":')
const ZERO = 48

/** What came back for one request, as far as load cares. */
export interface Answered {
  /** HTTP status, or `partial` for a batch of which some deltas were refused. */
  readonly outcome: number | 'partial'
}

/**
 * One keep-alive HTTP/1.1 connection with one request under way at a time. Answers are read as far as status, length
 * and the count of refused items; their bytes are counted, not kept. They must carry Content-Length.
 */
export class LoadConnection {
  readonly #socket: Socket
  readonly #onAnswer: (outcome: Answered['outcome']) => void
  /** Beginning of an answer whose headers have not all arrived. */
  #head: Buffer | undefined
  #outcome: Answered['outcome'] = 0
  /** Bytes of the body that are still to come; 0 = a new answer begins. */
  #bodyLeft = 0

  private constructor(socket: Socket, onAnswer: (outcome: Answered['outcome']) => void) {
    this.#socket = socket
    this.#onAnswer = onAnswer
  }

  /** `onLost` is told once if the connection breaks. */
  static open(
    { host, port }: { readonly host: string; readonly port: number },
    onAnswer: (outcome: Answered['outcome']) => void,
    onLost: (error: Error) => void,
  ): Promise<LoadConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port, noDelay: true })
      socket.once('error', reject)
      socket.once('connect', () => {
        const connection = new LoadConnection(socket, onAnswer)
        socket.off('error', reject).once('error', onLost)
        socket.once('end', () => onLost(new Error('the server closed a connection')))
        socket.on('data', (chunk: Buffer) => connection.#read(chunk))
        resolve(connection)
      })
    })
  }

  send(request: Buffer): void {
    this.#socket.write(request)
  }

  close(): void {
    this.#socket.removeAllListeners('end')
    this.#socket.destroy()
  }

  #read(chunk: Buffer): void {
    if (this.#bodyLeft > 0) {
      this.#bodyLeft -= chunk.length
      if (this.#bodyLeft <= 0) this.#onAnswer(this.#outcome)
      return
    }
    const start = this.#head === undefined ? chunk : Buffer.concat([this.#head, chunk])
    const headerEnd = start.indexOf(HEADER_END)
    this.#head = headerEnd < 0 ? start : undefined
    if (headerEnd < 0) return
    const header = start.toString('latin1', 0, headerEnd)
    const length = /\r\ncontent-length: (\d+)/i.exec(header)?.[1]
    if (length === undefined) throw new Error(`an answer without Content-Length:\n${header}`)
    const bodyAt = headerEnd + HEADER_END.length
    this.#outcome = outcomeOf(Number(header.slice(9, 12)), start.subarray(bodyAt))
    this.#bodyLeft = bodyAt + Number(length) - start.length
    if (this.#bodyLeft <= 0) this.#onAnswer(this.#outcome)
  }
}

/** A batch's answer names its refused items at its beginning. */
function outcomeOf(status: number, bodyStart: Buffer): Answered['outcome'] {
  const failedAt = bodyStart.subarray(0, 200).indexOf(FAILED_ITEMS)
  const isPartial = failedAt >= 0 && bodyStart[failedAt + FAILED_ITEMS.length] !== ZERO
  return isPartial ? 'partial' : status
}
