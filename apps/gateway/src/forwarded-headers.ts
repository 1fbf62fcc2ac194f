import type { IncomingHttpHeaders } from 'node:http'

/** Valid between two neighbours only (RFC 9110 §7.6.1), and `Expect`, which Node has answered by now. */
const hopByHop = new Set([
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
])

/** What a client may say about who it is and which way it came: believed from nobody (check K15). */
const claims = new Set([
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-real-ip',
  // Services make their own; a caller's would let it forge what the log says.
  'x-request-id',
])

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
  const kept = endToEnd(headers, claims)
  if (bodyless.includes(method)) delete kept['content-length']
  kept['x-forwarded-for'] = client.address
  kept['x-forwarded-proto'] = client.protocol
  return kept
}

/** The headers that a client gets: the service's without hop-by-hop headers. */
export function answerHeadersFor(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return endToEnd(headers, none)
}

const none: ReadonlySet<string> = new Set()

/** `Connection` may name further headers that end here. Twice on every request's way, so written for speed. */
function endToEnd(headers: IncomingHttpHeaders, dropped: ReadonlySet<string>): IncomingHttpHeaders {
  const named = headers.connection === undefined ? none : namesIn(headers.connection)
  const kept: IncomingHttpHeaders = {}
  for (const name in headers) {
    if (!hopByHop.has(name) && !dropped.has(name) && !named.has(name)) kept[name] = headers[name]
  }
  return kept
}

function namesIn(connection: string): ReadonlySet<string> {
  if (connection === 'keep-alive' || connection === 'close') return none
  return new Set(connection.split(',').map((name) => name.trim().toLowerCase()))
}
