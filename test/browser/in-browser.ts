import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, type TestContext } from 'node:test'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { launchChromium, skipWithoutChromium } from './chromium.ts'
import { PageWatch } from './page-watch.ts'
import { newSignUp, Person, type SignUp } from './person.ts'
import { startTestStack, type TestStack } from './test-stack.ts'

/** A condition that takes longer never comes: two loaded cores are slow, not that slow. */
const DEADLINE_MS = 30_000
const FAILURES = join(tmpdir(), 'pacspace-browser-failures')

const CONTEXT: BrowserContextOptions = {
  viewport: { width: 1280, height: 800 },
  locale: 'en-GB',
  timezoneId: 'UTC',
  colorScheme: 'light',
  // Nothing waits for an animation, and none is measured halfway.
  reducedMotion: 'reduce',
  permissions: ['clipboard-read', 'clipboard-write'],
}

export interface InBrowser {
  /** For `describe` or `it`: why there is no browser here. */
  readonly skip: string | false
  /** The stack of this file; there once the first test runs. */
  readonly stack: TestStack
  /** A test in the browser, for `it`. See `Visit`. */
  test(body: (visit: Visit) => Promise<void>): (context: TestContext) => Promise<void>
}

/**
 * One stack and one Chromium for the test file that calls this, once and at its top. Both start before its first test and
 * are gone after its last.
 *
 * @param environment settings of `pacspace start`
 */
export function inBrowser(environment: Readonly<Record<string, string>> = {}): InBrowser {
  let stack: TestStack | undefined
  let browser: Browser | undefined
  if (skipWithoutChromium === false) {
    before(async () => {
      ;[stack, browser] = await Promise.all([startTestStack(environment), launchChromium()])
    })
    after(async () => {
      await browser?.close()
      await stack?.[Symbol.asyncDispose]()
    })
  }
  return {
    skip: skipWithoutChromium,
    get stack() {
      return stack ?? assert.fail('the stack is started before the first test')
    },
    test: (body) => async (context) => {
      assert.ok(stack !== undefined && browser !== undefined, 'the stack is started before the first test')
      await using visit = new Visit(stack, browser)
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
  readonly #browser: Browser
  readonly #contexts: BrowserContext[] = []

  constructor(stack: TestStack, browser: Browser) {
    this.stack = stack
    this.#browser = browser
  }

  /** Somebody new: verified, owner of a tenant of their own on the Free plan, with an active Sandbox. */
  async signUp(given: Partial<SignUp> = {}): Promise<Person> {
    const person = await new Person(this.stack, newSignUp(given)).register()
    return await person.verifyEmail()
  }

  /** Opens a page in a new browser, which keeps nothing of another; logged in where a person is given. */
  async open(path: string, person?: Person, options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.#browser.newContext({ ...CONTEXT, baseURL: this.stack.baseUrl, ...options })
    this.#contexts.push(context)
    context.setDefaultTimeout(DEADLINE_MS)
    this.watch.watch(context, new URL(this.stack.baseUrl).origin)
    if (person !== undefined) {
      const { email, password } = person.signUp
      const answer = await context.request.post('/dashboard/auth/login', { data: { email, password } })
      assert.equal(answer.status(), 200)
    }
    const page = await context.newPage()
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
    await Promise.all(this.#contexts.map((context) => context.close()))
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
