import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/** Where webhooks may be sent. One value for the process that saves endpoints and the one that connects to them. */
export interface TargetRules {
  /** In Production. */
  readonly httpsOnly: boolean
  readonly allow: AllowList
}

/** Hosts and address ranges that are reachable though they are private: for development and tests. */
export interface AllowList {
  readonly hosts: ReadonlySet<string>
  readonly ranges: readonly (readonly [ipaddr.IPv4 | ipaddr.IPv6, number])[]
}

/** Every address of a host name. */
export type Resolve = (hostname: string) => Promise<readonly string[]>

/** A name that the guard of the connection refuses, whatever it resolves to. */
export class TargetRefused extends Error {
  override name = 'TargetRefused'
}

const LOCAL_NAME = /^(localhost|metadata)$|\.(localhost|local|internal|intranet|home\.arpa)$/
const SAVE_RESOLVE_MS_MAX = 2_000

/** The addresses that the operating system knows of a name. */
export const systemResolve: Resolve = async (hostname) =>
  (await lookup(hostname, { all: true })).map(({ address }) => address)

/** Reads `PACSPACE_WEBHOOK_ALLOW`: host names, addresses, CIDR ranges. Throws for a range that is none. */
export function parseAllowList(items: readonly string[]): AllowList {
  const hosts = new Set<string>()
  const ranges: [ipaddr.IPv4 | ipaddr.IPv6, number][] = []
  for (const item of items) {
    if (item.includes('/')) ranges.push(ipaddr.parseCIDR(item))
    else if (isIP(item) > 0) ranges.push([ipaddr.process(item), item.includes(':') ? 128 : 32])
    else hosts.add(plainHost(item))
  }
  return { hosts, ranges }
}

/**
 * The URL, as far as its text says that it may be a target; else why not, to complete the sentence "url …".
 * Attacker-controlled. WHATWG parsing turns every spelling of an IPv4 address (2130706433, 0x7f.1, 127.1) into one.
 */
export function parseTarget(text: string, rules: TargetRules): { url: URL } | { refusal: string } {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined) return { refusal: 'must be a URL like https://example.com/webhooks' }
  if (url.protocol !== 'https:' && (rules.httpsOnly || url.protocol !== 'http:')) {
    return { refusal: rules.httpsOnly ? 'must be https in Production' : 'must be https or http' }
  }
  if (url.username !== '' || url.password !== '') return { refusal: 'must carry no user name or password' }
  const host = plainHost(url.hostname)
  if (rules.allow.hosts.has(host)) return { url }
  if (isIP(host) > 0) return isAllowedAddress(host, rules.allow) ? { url } : { refusal: PRIVATE }
  if (LOCAL_NAME.test(host) || !host.includes('.')) return { refusal: PRIVATE }
  return { url }
}

const PRIVATE = 'must not lead to a private, local or reserved address'

/**
 * Why an endpoint may not be saved, or undefined. A name is resolved: one private address among those it has is enough.
 * One that cannot be resolved now may be saved: whoever connects checks again.
 */
export async function refusalOfTarget(
  text: string,
  rules: TargetRules,
  resolve: Resolve,
): Promise<string | undefined> {
  const parsed = parseTarget(text, rules)
  if ('refusal' in parsed) return parsed.refusal
  const host = plainHost(parsed.url.hostname)
  if (rules.allow.hosts.has(host) || isIP(host) > 0) return undefined
  const addresses = await Promise.race([resolve(host).catch(() => []), nothingAfter(SAVE_RESOLVE_MS_MAX)])
  return addresses.every((address) => isAllowedAddress(address, rules.allow)) ? undefined : PRIVATE
}

/**
 * The addresses of a host that may be connected to: all of them, or a `TargetRefused`. The caller connects to one of
 * these and asks no resolver again, which could answer otherwise the second time.
 */
export async function allowedAddresses(
  hostname: string,
  rules: TargetRules,
  resolve: Resolve,
): Promise<readonly string[]> {
  const host = plainHost(hostname)
  const isTrusted = rules.allow.hosts.has(host)
  if (!isTrusted && isIP(host) === 0 && LOCAL_NAME.test(host)) throw new TargetRefused('address not allowed')
  const addresses = isIP(host) > 0 ? [host] : await resolve(host)
  if (!isTrusted && !addresses.every((address) => isAllowedAddress(address, rules.allow))) {
    throw new TargetRefused('address not allowed')
  }
  return addresses
}

/** True for a public unicast address, and for one that the list allows. */
export function isAllowedAddress(text: string, allow: AllowList): boolean {
  if (!ipaddr.isValid(text)) return false
  const address = ipaddr.process(text) // an IPv4 address inside IPv6 counts as what it is
  const isListed = allow.ranges.some(
    ([range, bits]) => range.kind() === address.kind() && address.match(range, bits),
  )
  return isListed || isPublic(address)
}

/** 2000::/3 is all of IPv6 that is given out; within it ranges that embed or tunnel other addresses are not unicast. */
function isPublic(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (address.range() !== 'unicast') return false
  return address.kind() === 'ipv4' || address.match(GLOBAL_UNICAST, 3)
}

const GLOBAL_UNICAST = ipaddr.IPv6.parse('2000::')

/** A host name without brackets, final dot and capitals. */
function plainHost(hostname: string): string {
  return hostname
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.+$/, '')
}

function nothingAfter(ms: number): Promise<readonly string[]> {
  return new Promise((resolve) => void setTimeout(() => resolve([]), ms).unref())
}
