import assert from 'node:assert/strict'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { describe, it } from 'node:test'
import { LoadConnection } from './load-connection.ts'

/** Serves one connection: each request is answered with the next text, in pieces of that many bytes. */
async function served(answers: readonly string[], pieceBytes: number, then?: (socket: Socket) => void) {
  const server = createServer((socket) => {
    socket.setNoDelay(true)
    let at = 0
    socket.on('data', async () => {
      const answer = Buffer.from(answers[at++] ?? '')
      if (answer.length === 0) return then?.(socket)
      for (let start = 0; start < answer.length; start += pieceBytes) {
        await new Promise((resolve) => socket.write(answer.subarray(start, start + pieceBytes), resolve))
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // a TCP server's
  return {
    host: '127.0.0.1',
    port,
    [Symbol.asyncDispose]: () => new Promise<void>((end) => server.close(() => end())),
  }
}

/** Sends a request for each answer, one after the other; gives the outcomes. */
async function outcomes(answers: readonly string[], pieceBytes: number): Promise<(number | 'partial')[]> {
  await using server = await served(answers, pieceBytes)
  const seen: (number | 'partial')[] = []
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const connection = await LoadConnection.open(
    server,
    (outcome) => {
      seen.push(outcome)
      if (seen.length === answers.length) resolve()
      else connection.send(Buffer.from('next'))
    },
    reject,
  )
  connection.send(Buffer.from('first'))
  await promise
  connection.close()
  return seen
}

const answer = (status: number, body: string) =>
  `HTTP/1.1 ${status} Whatever\r\ncontent-type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
const batch = (failed: number) =>
  `{"success":true,"data":{"totalQueued":5,"totalFailed":${failed},"results":[${'0,'.repeat(500)}0]}}`

describe('an answer', () => {
  const answers = [
    answer(201, '{}'),
    answer(201, batch(0)),
    answer(429, '{"a":1}'),
    answer(201, ''),
    answer(201, batch(3)),
  ]
  for (const pieceBytes of [7, 100, 1_000_000]) {
    it(`is read to its end and no further, arriving in pieces of ${pieceBytes} bytes`, async () => {
      const seen = await outcomes(answers, pieceBytes)
      assert.deepEqual(seen.slice(0, 4), [201, 201, 429, 201])
    })
  }

  it('of a batch with refused items is no success', async () => {
    assert.deepEqual(await outcomes(answers.slice(1, 2).concat(answers.slice(4)), 1_000_000), [
      201,
      'partial',
    ])
  })
})

it('a connection that the server closes is told', async () => {
  await using server = await served([], 1, (socket) => socket.end())
  const lost = Promise.withResolvers<Error>()
  const connection = await LoadConnection.open(server, () => assert.fail('no answer was sent'), lost.resolve)
  connection.send(Buffer.from('request'))
  assert.match((await lost.promise).message, /closed a connection/)
  connection.close()
})
