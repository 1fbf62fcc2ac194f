import type { IncomingHttpHeaders } from 'node:http'

/** Valid between two neighbours only (RFC 9110 §7.6.1), and `Expect`, which Node has answered by now. */
const hopByHop = [
  'connection',
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]

/** What a client may say about who it is and which way it came: believed from nobody (check K15). */
const claims = [
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-real-ip',
  // Services make their own; a caller's would let it forge what the log says.
  'x-request-id',
]

/** Methods whose body has no meaning and is not read (RFC 9110 §9.3). */
const bodyless = ['GET', 'HEAD', 'OPTIONS', 'TRACE']

/** Who the client is, as the gateway sees it. */
export interface Client {
  /** The address that connected; further out only where a trusted proxy is configured. */
  readonly address: string
  readonly protocol: string
}

/** The headers that a service gets: the client's without hop-by-hop headers and claims, and ours about the client. */
export function requestHeadersFor(
  headers: IncomingHttpHeaders,
  method: string,
  client: Client,
): IncomingHttpHeaders {
  const kept = without(headers, [...hopByHop, ...claims])
  if (bodyless.includes(method)) delete kept['content-length']
  kept['x-forwarded-for'] = client.address
  kept['x-forwarded-proto'] = client.protocol
  return kept
}

/** The headers that a client gets: the service's without hop-by-hop headers. */
export function answerHeadersFor(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return without(headers, hopByHop)
}

/** `Connection` may name further headers that end here. */
function without(headers: IncomingHttpHeaders, names: readonly string[]): IncomingHttpHeaders {
  const named = (headers.connection ?? '').toLowerCase().split(',')
  const dropped = new Set([...names, ...named.map((name) => name.trim())])
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !dropped.has(name)))
}
