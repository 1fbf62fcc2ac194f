import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, type TestContext } from 'node:test'
import type { BrowserContext, Cookie, Page } from 'playwright-core'
import { BrowserPool } from './browser-pool.ts'
import { launchChromium, skipWithoutChromium } from './chromium.ts'
import { fillableStack } from './filled-tenant.ts'
import { PageWatch } from './page-watch.ts'
import { newSignUp, Person, type SignUp } from './person.ts'
import { startTestStack, type TestStack } from './test-stack.ts'

const FAILURES = join(tmpdir(), 'pacspace-browser-failures')

export interface InBrowser {
  /** For `describe` or `it`: why there is no browser here. */
  readonly skip: string | false
  /** The stack of all files of this process; there once the first test runs. */
  readonly stack: TestStack
  /** A test in the browser, for `it`. See `Visit`. */
  test(body: (visit: Visit) => Promise<void>): (context: TestContext) => Promise<void>
}

interface Running {
  readonly stack: TestStack
  readonly pool: BrowserPool
}
let running: Running | undefined
let isAsked = false

/**
 * For each test file, once and at its top. The first one starts a stack and a Chromium, before the first test of all files of
 * this process; they are gone after the last.
 */
export function inBrowser(): InBrowser {
  if (skipWithoutChromium === false && !isAsked) {
    isAsked = true
    const started = new AsyncDisposableStack()
    before(async () => {
      // Each is stopped, also where the other does not start.
      const [stack, browser] = await Promise.allSettled([startTestStack(fillableStack), launchChromium()])
      if (stack.status === 'fulfilled') started.use(stack.value)
      if (browser.status === 'fulfilled') started.defer(() => browser.value.close())
      if (stack.status === 'rejected') throw stack.reason
      if (browser.status === 'rejected') throw browser.reason
      running = { stack: stack.value, pool: new BrowserPool(browser.value, stack.value.baseUrl) }
    })
    after(() => started.disposeAsync())
  }
  const started = () => running ?? assert.fail('the stack is started before the first test')
  return {
    skip: skipWithoutChromium,
    get stack() {
      return started().stack
    },
    test: (body) => async (context) => {
      await using visit = new Visit(started())
      await visit.run(context, body)
    },
  }
}

/**
 * What one test does: people sign up, and open pages, each in a browser of their own. When the test ends, no page may have
 * done what `PageWatch` writes down; where it fails, a picture of every open page lies in the temporary folder.
 */
export class Visit implements AsyncDisposable {
  readonly stack: TestStack
  readonly watch = new PageWatch()
  readonly #pool: BrowserPool
  readonly #contexts: BrowserContext[] = []
  readonly #unwatch: (() => void)[] = []

  constructor({ stack, pool }: Running) {
    this.stack = stack
    this.#pool = pool
  }

  /** Somebody new: verified, owner of a tenant of their own on the Free plan, with an active Sandbox. */
  async signUp(given: Partial<SignUp> = {}): Promise<Person> {
    const person = await new Person(this.stack, newSignUp(given)).register()
    return await person.verifyEmail()
  }

  /**
   * Opens a page in a browser of its own, which keeps nothing of another.
   *
   * @param who who is logged in there: a person, or cookies of a log-in
   */
  async open(path: string, who: Person | readonly Cookie[] = []): Promise<Page> {
    const page = await this.#pool.take()
    const context = page.context()
    this.#contexts.push(context)
    this.#unwatch.push(this.watch.watch(context, new URL(this.stack.baseUrl).origin))
    if (who instanceof Person) {
      const { email, password } = who.signUp
      const answer = await context.request.post('/dashboard/auth/login', { data: { email, password } })
      assert.equal(answer.status(), 200)
    } else await context.addCookies(who)
    await page.goto(path)
    return page
  }

  /** Runs the body of a test, and looks at what its pages did. */
  async run(context: TestContext, body: (visit: Visit) => Promise<void>): Promise<void> {
    try {
      await body(this)
      assert.deepEqual(this.watch.found(), [], 'what no page may do')
    } catch (error) {
      for (const line of await this.#picturesOf(context.name)) context.diagnostic(line)
      for (const line of this.watch.found()) context.diagnostic(line)
      throw error
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const unwatch of this.#unwatch.splice(0)) unwatch()
    await Promise.all(this.#contexts.splice(0).map((context) => this.#pool.giveBack(context)))
  }

  async #picturesOf(name: string): Promise<string[]> {
    await mkdir(FAILURES, { recursive: true })
    const slug = name.replaceAll(/[^A-Za-z0-9]+/g, '-').slice(0, 60)
    const pages = this.#contexts.flatMap((context) => context.pages())
    return await Promise.all(
      pages.map(async (page, index) => {
        const path = join(FAILURES, `${slug}-${process.pid}-${index + 1}.png`)
        return await page.screenshot({ path, fullPage: true, timeout: 5_000 }).then(
          () => `${page.url()} is seen in ${path}`,
          (error: Error) => `${page.url()} is not seen: ${error.message}`,
        )
      }),
    )
  }
}
