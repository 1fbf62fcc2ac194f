import { isIPv6, type LookupFunction, type Socket } from 'node:net'
import { Agent, buildConnector } from 'undici'
import { allowedAddresses, type Resolve, TargetRefused, type TargetRules } from './target-rules.ts'

const CONNECT_MS_MAX = 10_000
/** A connection that waits for its next event; most receivers close theirs after 5 s or 60 s. */
const KEEP_ALIVE_MS = 30_000

export interface GuardOptions {
  readonly rules: TargetRules
  readonly resolve: Resolve
  /** Trusted beside the host's certificate authorities; for tests. */
  readonly ca?: string
}

/**
 * Connections to receivers, kept alive. Every address is checked before it is connected to, whether the URL wrote it or a
 * resolver gave it, and the connection goes to exactly the addresses checked; the peer is looked at once more when it
 * stands. A `lookup` hook alone would let address literals through. Follows no redirect, uses no proxy.
 */
export function guardedAgent({ rules, resolve, ca }: GuardOptions): Agent {
  return new Agent({
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS,
    connections: null,
    pipelining: 1,
    connect: (options, callback) => {
      allowedAddresses(options.hostname, rules, resolve).then(
        (addresses) => {
          const connect = buildConnector({
            timeout: CONNECT_MS_MAX,
            allowH2: false,
            lookup: pinned(addresses),
            ...(ca !== undefined && { ca }),
          })
          connect(options, (...result) => {
            const [error, socket] = result
            if (error !== null || socket === null) return callback(error ?? new Error('no socket'), null)
            if (isOneOf(socket, addresses)) return callback(null, socket)
            socket.destroy()
            callback(new TargetRefused('connected to another address than the one checked'), null)
          })
        },
        (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null),
      )
    },
  })
}

/** Answers every question with the addresses that were checked. */
function pinned(addresses: readonly string[]): LookupFunction {
  const entries = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }))
  return (_hostname, options, callback) => {
    const [first] = entries
    if (options.all) callback(null, entries)
    else if (first === undefined)
      callback(Object.assign(new Error('no address'), { code: 'ENOTFOUND' }), '', 4)
    else callback(null, first.address, first.family)
  }
}

function isOneOf({ remoteAddress }: Pick<Socket, 'remoteAddress'>, addresses: readonly string[]): boolean {
  const plain = remoteAddress?.replace(/^::ffff:(?=\d+\.)/, '')
  return addresses.some(
    (address) => address === remoteAddress || address.replace(/^::ffff:(?=\d+\.)/, '') === plain,
  )
}
