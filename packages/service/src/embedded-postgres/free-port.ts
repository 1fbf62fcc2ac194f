import { createServer } from 'node:net'
import { isSystemError } from './cluster-error.ts'

/** A TCP port of 127.0.0.1 that is free at this moment. Another process may take it before it is used. */
export async function freePort(): Promise<number> {
  return await listenBriefly(0)
}

/** Whether `port` of 127.0.0.1 can be listened on at this moment. */
export async function isPortFree(port: number): Promise<boolean> {
  try {
    await listenBriefly(port)
    return true
  } catch (error) {
    if (isSystemError(error, 'EADDRINUSE')) return false
    throw error
  }
}

function listenBriefly(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen({ port, host: '127.0.0.1' }, () => {
      const address = server.address()
      if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
      server.close(() => resolve(address.port))
    })
  })
}
