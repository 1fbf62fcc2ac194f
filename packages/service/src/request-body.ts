import type { IncomingMessage } from 'node:http'
import { Problem } from '@pacspace/api/problem'
import type { BodyBudget } from './body-budget.ts'

/** Largest body where the definition names no other: 1 MiB (product.md §2). */
export const BODY_BYTES_MAX = 1024 * 1024

/** JSON in UTF-8, uncompressed. Raises UNSUPPORTED_MEDIA_TYPE. */
export function checkMediaType(headers: IncomingMessage['headers']): void {
  const type = headers['content-type']
  const encoding = headers['content-encoding']
  if (type === undefined ? hasBody(headers) : type !== 'application/json' && !JSON_TYPE.test(type)) {
    throw new Problem('UNSUPPORTED_MEDIA_TYPE')
  }
  if (encoding !== undefined && encoding !== 'identity') {
    throw new Problem('UNSUPPORTED_MEDIA_TYPE', { message: 'Send the body uncompressed.' })
  }
}

const JSON_TYPE = /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?;?\s*$/i

function hasBody(headers: IncomingMessage['headers']): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'
}

/**
 * The whole body. `bytesMax` bytes at most, whatever Content-Length says. What it gives is taken from the budget, and the
 * caller's to give back. Raises PAYLOAD_TOO_LARGE and SERVICE_UNAVAILABLE.
 */
export function readBody(request: IncomingMessage, bytesMax: number, budget: BodyBudget): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > bytesMax) return Promise.reject(tooLarge(bytesMax))
  return new Promise((resolve, fail) => {
    let first: Buffer | undefined
    let rest: Buffer[] | undefined
    let bytes = 0
    const reject = (error: Error) => {
      budget.give(bytes)
      bytes = 0
      request.removeAllListeners('data')
      fail(error)
    }
    request.on('data', (chunk: Buffer) => {
      try {
        budget.take(chunk.length)
      } catch (error) {
        reject(error instanceof Error ? error : new Error('no budget', { cause: error }))
        return
      }
      bytes += chunk.length
      if (bytes > bytesMax) reject(tooLarge(bytesMax))
      else if (first === undefined) first = chunk
      else if (rest === undefined) rest = [first, chunk]
      else rest.push(chunk)
    })
    request.on('end', () => resolve(rest === undefined ? (first ?? NO_BYTES) : Buffer.concat(rest, bytes)))
    request.on('error', (error) => reject(new RequestAborted('the caller went away', { cause: error })))
  })
}

/** The caller closed the connection before its request was complete: there is nobody to answer. */
export class RequestAborted extends Error {
  override name = 'RequestAborted'
}

const NO_BYTES = Buffer.alloc(0)

function tooLarge(bytesMax: number): Problem {
  return new Problem('PAYLOAD_TOO_LARGE', { message: `The request body is larger than ${bytesMax} bytes.` })
}
