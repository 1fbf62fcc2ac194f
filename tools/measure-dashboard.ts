/**
 * Measures how soon the dashboard can be used on this machine: `npm run measure:dashboard`. Each round is a browser that
 * has seen nothing before.
 */
import { gzipSync } from 'node:zlib'
import type { Browser } from 'playwright-core'
import { launchChromium, skipWithoutChromium } from '../test/browser/chromium.ts'
import { newSignUp, Person } from '../test/browser/person.ts'
import { startTestStack } from '../test/browser/test-stack.ts'

const ROUNDS = 9
/** Limits of the dashboard's issue. */
const SCRIPT_KB_MAX = 250
const INTERACTIVE_MS_MAX = 1_500

if (skipWithoutChromium === false) await measure()
else console.error(skipWithoutChromium)

async function measure(): Promise<void> {
  await using stack = await startTestStack()
  const owner = await new Person(stack, newSignUp()).register()
  await using browser = await launchChromium()
  for (const [path, heading, person] of [
    ['/login', 'Log in', undefined],
    ['/sandbox', 'Overview', owner],
  ] as const) {
    const rounds = []
    for (let round = 0; round < ROUNDS; round++)
      rounds.push(await loadOnce(browser, stack.baseUrl, path, heading, person))
    const times = rounds.map(({ ms }) => ms).sort((a, b) => a - b)
    const median = times[Math.floor(ROUNDS / 2)] ?? Number.NaN
    const kB = (rounds[0]?.scriptBytes ?? Number.NaN) / 1_000
    console.log(
      `${path}: ${kB.toFixed(0)} kB of script, gzipped (limit ${SCRIPT_KB_MAX}); interactive after ${median.toFixed(0)} ms ` +
        `(median of ${ROUNDS}, ${times[0]?.toFixed(0)}–${times.at(-1)?.toFixed(0)}; limit ${INTERACTIVE_MS_MAX})`,
    )
  }
}

/** From the address to a page whose heading is there and whose main thread is free. */
async function loadOnce(browser: Browser, baseURL: string, path: string, heading: string, person?: Person) {
  await using context = await browser.newContext({ baseURL })
  if (person !== undefined) {
    const { email, password } = person.signUp
    await context.request.post('/dashboard/auth/login', { data: { email, password } })
  }
  const page = await context.newPage()
  const scripts: Promise<Buffer>[] = []
  page.on('response', (response) => {
    if (response.request().resourceType() === 'script') scripts.push(response.body())
  })
  const startedAt = performance.now()
  await page.goto(path, { waitUntil: 'commit' })
  await page.getByRole('heading', { level: 1, name: heading }).waitFor()
  await page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)))
  const ms = performance.now() - startedAt
  const bodies = await Promise.all(scripts)
  return { ms, scriptBytes: bodies.reduce((sum, body) => sum + gzipSync(body).length, 0) }
}
