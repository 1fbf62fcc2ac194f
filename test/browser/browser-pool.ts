import type { Browser, BrowserContext, BrowserContextOptions, CDPSession, Page } from 'playwright-core'
import { WIDE } from './page-rules.ts'

/** A condition that takes longer never comes: two loaded cores are slow, not that slow. */
const DEADLINE_MS = 30_000

const CONTEXT: BrowserContextOptions = {
  viewport: WIDE,
  locale: 'en-GB',
  timezoneId: 'UTC',
  colorScheme: 'light',
  // Nothing waits for an animation, and none is measured halfway.
  reducedMotion: 'reduce',
  permissions: ['clipboard-read', 'clipboard-write'],
}

/** Answers without a script of ours: nothing there writes into what is being cleared. */
const WITHOUT_SCRIPTS = '/readyz'

interface Pooled {
  readonly context: BrowserContext
  readonly page: Page
  readonly devTools: CDPSession
}

/**
 * Browsers of tests, each with one page. One that was given back is taken again: it has kept nothing that a page or a server
 * could tell it by, but the compiled code of our pages. A new one compiles all of it for every page that it opens, which is
 * two thirds of what opening a page costs.
 */
export class BrowserPool {
  readonly #browser: Browser
  readonly #baseUrl: string
  readonly #free: Pooled[] = []
  readonly #taken = new Map<BrowserContext, Pooled>()

  constructor(browser: Browser, baseUrl: string) {
    this.#browser = browser
    this.#baseUrl = baseUrl
  }

  /** A browser that keeps nothing of another test, and its page, which shows nothing yet. */
  async take(): Promise<Page> {
    const pooled = this.#free.pop() ?? (await this.#make())
    this.#taken.set(pooled.context, pooled)
    return pooled.page
  }

  /** Clears a browser for the next test. One that cannot be cleared is closed. */
  async giveBack(context: BrowserContext): Promise<void> {
    const pooled = this.#taken.get(context)
    this.#taken.delete(context)
    try {
      if (pooled === undefined) throw new Error('not one of ours')
      await this.#clear(pooled)
      this.#free.push(pooled)
    } catch {
      await context.close()
    }
  }

  async #make(): Promise<Pooled> {
    const context = await this.#browser.newContext({ ...CONTEXT, baseURL: this.#baseUrl })
    context.setDefaultTimeout(DEADLINE_MS)
    const page = await context.newPage()
    return { context, page, devTools: await context.newCDPSession(page) }
  }

  async #clear({ context, page, devTools }: Pooled): Promise<void> {
    const others = context.pages().filter((other) => other !== page)
    await Promise.all(others.map((other) => other.close()))
    page.removeAllListeners()
    await page.unrouteAll()
    await context.setOffline(false)
    await page.goto(WITHOUT_SCRIPTS)
    await page.evaluate(() => sessionStorage.clear())
    const origin = new URL(this.#baseUrl).origin
    await devTools.send('Storage.clearDataForOrigin', { origin, storageTypes: 'all' })
    await context.clearCookies()
    await page.setViewportSize(WIDE)
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' })
    await devTools.send('Page.resetNavigationHistory')
  }
}
