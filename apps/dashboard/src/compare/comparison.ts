/** What one comparison asks, as its form holds it. Texts; '' = not given. */
export interface Comparison {
  readonly customerId: string
  /** `YYYY-MM`; '' = all time. */
  readonly period: string
  readonly yourBalance: string
  readonly theirBalance: string
  readonly yourList: string
  readonly theirList: string
}

export const EMPTY: Comparison = {
  customerId: '',
  period: '',
  yourBalance: '',
  theirBalance: '',
  yourList: '',
  theirList: '',
}

/** Longer addresses are cut by mail programs and chats. */
const LINK_CHARS_MAX = 16_000

/**
 * A comparison as text that fits behind the `#` of an address, which no server ever sees: compressed, base64url. Undefined
 * where it is too long for a link.
 */
export async function linkTextOf(comparison: Comparison): Promise<string | undefined> {
  const bytes = new TextEncoder().encode(JSON.stringify(comparison))
  const text = (await through(bytes, new CompressionStream('deflate-raw'))).toBase64({
    alphabet: 'base64url',
    omitPadding: true,
  })
  return text.length > LINK_CHARS_MAX ? undefined : text
}

/** The comparison of a link that anybody may have written; undefined where it is none. */
export async function comparisonOf(linkText: string): Promise<Comparison | undefined> {
  try {
    const packed = Uint8Array.fromBase64(linkText, { alphabet: 'base64url' })
    const bytes = await through(packed, new DecompressionStream('deflate-raw'))
    const found: Partial<Record<string, unknown>> = JSON.parse(new TextDecoder().decode(bytes))
    const text = (name: keyof Comparison) => (typeof found[name] === 'string' ? found[name] : '')
    return {
      customerId: text('customerId'),
      period: text('period'),
      yourBalance: text('yourBalance'),
      theirBalance: text('theirBalance'),
      yourList: text('yourList'),
      theirList: text('theirList'),
    }
  } catch {
    return undefined // not one of ours, or cut short on its way
  }
}

async function through(
  bytes: Uint8Array<ArrayBuffer>,
  stream: CompressionStream | DecompressionStream,
): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer())
}
