/**
 * Takes a picture of every page of the dashboard in light, dark and 360 px, with a month's business on it:
 * `npm run screenshots -- FOLDER`. With `--readme` it takes the pictures of the README instead.
 */
import { mkdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { launchChromium, skipWithoutChromium } from '../test/browser/chromium.ts'
import { CUSTOMER, fillableStack, fillTenant } from '../test/browser/filled-tenant.ts'
import { settled } from '../test/browser/page-rules.ts'
import { pages } from '../test/browser/pages.ts'
import { newSignUp, Person } from '../test/browser/person.ts'
import { startTestStack } from '../test/browser/test-stack.ts'

const README_FOLDER = join(dirname(import.meta.dirname), 'docs/images')
const OTHERS = ['globex', 'initech', 'umbrella-retail', 'hooli-cloud', 'stark-logistics']
const DAYS = 30
const FIXED: BrowserContextOptions = { locale: 'en-GB', timezoneId: 'UTC', reducedMotion: 'reduce' }
const README_LOOK: BrowserContextOptions = { colorScheme: 'light', viewport: { width: 1200, height: 760 } }

const looks: Readonly<Record<string, BrowserContextOptions>> = {
  light: { colorScheme: 'light', viewport: { width: 1280, height: 800 } },
  dark: { colorScheme: 'dark', viewport: { width: 1280, height: 800 } },
  narrow: { colorScheme: 'light', viewport: { width: 360, height: 740 } },
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { readme: { type: 'boolean', default: false } },
})
const [folder] = positionals
if (skipWithoutChromium !== false || (folder === undefined && !values.readme)) {
  console.error(skipWithoutChromium || 'Usage: npm run screenshots -- FOLDER | --readme')
  process.exitCode = 2
} else {
  await using stack = await startTestStack(fillableStack)
  await using browser = await launchChromium()
  const owner = await new Person(stack, newSignUp({ companyName: 'Northwind Metering' })).register()
  await owner.verifyEmail()
  if (folder !== undefined) await takeAll(browser, stack.baseUrl, owner, resolve(folder))
  else await takeForReadme(browser, stack.baseUrl, owner)
}

/** Every page in every look, whole. */
async function takeAll(browser: Browser, baseURL: string, owner: Person, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  const filled = await fillTenant(owner)
  await fillMonth(owner)
  const session = await sessionOf(browser, baseURL, owner)
  for (const [look, options] of Object.entries(looks)) {
    for (const [route, entry] of Object.entries(pages)) {
      await using context = await browser.newContext({
        ...FIXED,
        ...options,
        baseURL,
        ...(!entry.isPublic && { storageState: session }),
      })
      const page = await context.newPage()
      await page.goto(entry.path(filled, 'production'))
      await settled(page, entry.heading)
      await save(page, join(folder, `${nameOf(route)}-${look}.png`), true)
    }
  }
}

/** What the README shows: how things stand, whom one settles with, and a proof that the browser has recomputed. */
async function takeForReadme(browser: Browser, baseURL: string, owner: Person): Promise<void> {
  await owner.goLive()
  const recordId = await fillMonth(owner)
  const storageState = await sessionOf(browser, baseURL, owner)
  await using context = await browser.newContext({ ...FIXED, ...README_LOOK, baseURL, storageState })
  const page = await context.newPage()
  await page.goto('/production')
  await settled(page, 'Overview')
  await save(page, join(README_FOLDER, 'overview.png'))
  await page.goto('/production/customers')
  await settled(page, 'Customers')
  await save(page, join(README_FOLDER, 'customers.png'))
  await page.goto(`/production/deltas/${recordId}`)
  await page.getByRole('button', { name: 'Verify in this browser' }).click()
  const outcome = page.getByText('Verified in this browser', { exact: true })
  await outcome.waitFor()
  await outcome.evaluate((element) => scrollTo(0, scrollY + element.getBoundingClientRect().top - 130))
  await save(page, join(README_FOLDER, 'proof.png'))
}

async function save(page: Page, path: string, fullPage = false): Promise<void> {
  await page.screenshot({ path, fullPage })
  console.log(path)
}

async function sessionOf(browser: Browser, baseURL: string, { signUp }: Person) {
  await using context = await browser.newContext({ baseURL })
  const { email, password } = signUp
  await context.request.post('/dashboard/auth/login', { data: { email, password } })
  return await context.storageState()
}

/**
 * What a month of metered business looks like: credit bought, usage of each day, a seat charge, a correction. Its dates are
 * in the references: when a delta was accepted is the server's to say, and that is now. Gives the id of the last delta.
 */
async function fillMonth(owner: Person): Promise<string> {
  let recordId = ''
  const { balance } = owner.sdk(await owner.createKey('production', 'billing service'))
  for (const [index, customerId] of [CUSTOMER, ...OTHERS].entries()) {
    const days = Array.from({ length: DAYS }, (_, day) => ({
      customerId,
      delta: `-${usageOf(index, day)}`,
      reason: `usage of day ${day + 1}`,
      referenceId: `meter_${customerId}_${day + 1}`,
    }))
    await balance.emitBatch([
      {
        customerId,
        delta: `${5_000 * (index + 1)}`,
        reason: 'prepaid credit',
        referenceId: `order_${1_040 + index}`,
      },
      ...days,
      { customerId, delta: '120.5', reason: 'credit note', referenceId: `credit_${210 + index}` },
    ])
    const last = await balance.emitAndWait(customerId, '-250', 'seat charge', {
      referenceId: `bill_${31 + index}`,
    })
    recordId = last.recordId
  }
  return recordId
}

/** Dollars of one customer's day: more on weekdays, and the same in every run. */
function usageOf(customer: number, day: number): string {
  const base = 60 + ((customer * 37 + day * 53) % 90)
  return (day % 7 < 5 ? base : base / 3).toFixed(2)
}

/** `/$environment/webhooks/$webhookId` gives `webhooks-webhookId`. */
function nameOf(route: string): string {
  const words = route.replace('$environment', 'overview').split('/').filter(Boolean)
  const name = words.length > 1 ? words.slice(words[0] === 'overview' ? 1 : 0) : words
  return name.join('-').replaceAll('$', '') || 'home'
}
