import type { BrowserContext, ConsoleMessage, Request, WebError } from 'playwright-core'

/** Chromium's own words beside an answer of 400 or more: what is refused on purpose is looked at by its test. */
const REFUSED_ANSWER = /^Failed to load resource: the server responded with a status of (401|4\d\d|503)/

/**
 * Writes down what no page of ours may ever do: an error in the console or in a script, anything that the page's policy
 * refuses (Chromium tells it in the console), a request to another site.
 */
export class PageWatch {
  readonly #found: string[] = []
  readonly #allowed: RegExp[] = []

  /** Looks at every page of the context, also at those that are opened later. Gives what ends that. */
  watch(context: BrowserContext, origin: string): () => void {
    const onConsole = (message: ConsoleMessage) => {
      if (message.type() !== 'error' || REFUSED_ANSWER.test(message.text())) return
      this.#found.push(`console of ${message.page()?.url()}: ${message.text()}`)
    }
    const onError = (error: WebError) => {
      this.#found.push(`script of ${error.page()?.url()}: ${error.error().stack ?? error.error().message}`)
    }
    const onRequest = (request: Request) => {
      const url = new URL(request.url())
      if (url.origin !== origin && url.protocol !== 'blob:' && url.protocol !== 'data:')
        this.#found.push(`request to another site: ${request.url()}`)
    }
    context.on('console', onConsole).on('weberror', onError).on('request', onRequest)
    return () => context.off('console', onConsole).off('weberror', onError).off('request', onRequest)
  }

  /** What the test brings about on purpose, as the console of a server that was stopped. */
  allow(pattern: RegExp): void {
    this.#allowed.push(pattern)
  }

  /** What was found and not allowed. */
  found(): string[] {
    return this.#found.filter((line) => !this.#allowed.some((pattern) => pattern.test(line)))
  }
}
