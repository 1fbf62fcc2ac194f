let pendingCalls = 0
let isWatching = false

/** Calls of Web Crypto that are under way: it works on other threads, so the event loop may be idle while it does. */
export function pendingWebCrypto(): number {
  return pendingCalls
}

/** Counts calls of Web Crypto from now on, in the whole process. */
export function watchWebCrypto(): void {
  if (isWatching) return
  isWatching = true
  const { subtle } = globalThis.crypto
  for (const name of ['verify', 'importKey'] as const) {
    const method: unknown = Reflect.get(subtle, name)
    if (typeof method !== 'function') throw new Error(`no ${name} in Web Crypto`)
    const counted = async (...values: unknown[]) => {
      pendingCalls++
      try {
        return await Reflect.apply(method, subtle, values)
      } finally {
        pendingCalls--
      }
    }
    Object.defineProperty(subtle, name, { value: counted, configurable: true })
  }
}
