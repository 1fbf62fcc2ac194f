import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { EventStream, writeEvents } from './event-stream.ts'

let server: Server
let port: number
let answer: (response: ServerResponse) => Promise<void>
before(async () => {
  server = createServer((_request, response) => {
    response.flushHeaders()
    void answer(response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port // a TCP server
})
after(() => server.close())

async function ask(): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
  await once(socket, 'connect')
  return socket
}

/** A stream that never ends by itself, how many texts were taken from it, and when it was left. */
function endless(text: string) {
  const taken = { count: 0 }
  const left = Promise.withResolvers<void>()
  const stream = new EventStream(async function* (signal) {
    try {
      while (!signal.aborted) {
        taken.count++
        yield text
        await new Promise((resolve) => setImmediate(resolve))
      }
    } finally {
      left.resolve()
    }
  })
  return { stream, taken, left: left.promise }
}

const never = new AbortController().signal

describe('an event stream', () => {
  it('arrives event by event, and ends where it ends', async () => {
    const texts = ['data: 1\n\n', 'data: 2\n\n', 'data: ü漢\n\n']
    answer = (response) =>
      writeEvents(
        response,
        new EventStream(async function* () {
          yield* texts
        }),
        never,
      )
    const response = await fetch(`http://127.0.0.1:${port}`)
    assert.equal(await response.text(), texts.join(''))
  })

  it('is left when the reader goes away', async () => {
    const { stream, left } = endless('data: x\n\n')
    answer = (response) => writeEvents(response, stream, never)
    const socket = await ask()
    await once(socket, 'data')
    socket.destroy()
    await left
  })

  it('is ended when the process leaves', async () => {
    const { stream, left } = endless('data: x\n\n')
    const leaving = new AbortController()
    const { promise: written, resolve } = Promise.withResolvers<void>()
    answer = (response) => writeEvents(response, stream, leaving.signal).then(resolve)
    const response = await fetch(`http://127.0.0.1:${port}`)
    leaving.abort()
    await response.text()
    await Promise.all([left, written])
  })

  it('is not read faster than it is taken, and a reader that takes nothing is dropped', async () => {
    const { stream, taken, left } = endless(`data: ${'x'.repeat(100_000)}\n\n`)
    answer = (response) => writeEvents(response, stream, never, 200)
    const socket = await ask()
    socket.pause()
    await left
    assert.ok(taken.count < 200, `${taken.count} texts were buffered for a reader that read none`)
    socket.destroy()
  })

  it('that fails cuts the connection, so that the reader knows, and tells the caller', async () => {
    const failure = new Error('broken')
    const { promise, resolve } = Promise.withResolvers<unknown>()
    answer = async (response) => {
      const broken = new EventStream(async function* () {
        yield 'data: 1\n\n'
        throw failure
      })
      resolve(await writeEvents(response, broken, never).catch((error) => error))
    }
    const response = await fetch(`http://127.0.0.1:${port}`)
    await assert.rejects(response.text())
    assert.equal(await promise, failure)
  })
})
