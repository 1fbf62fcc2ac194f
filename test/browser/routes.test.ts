import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { Cookie, Page } from 'playwright-core'
import { type FilledTenant, fillTenant } from './filled-tenant.ts'
import { inBrowser, type Visit } from './in-browser.ts'
import {
  BANNERS,
  NARROW,
  recordShifts,
  requireAccessible,
  requireNoSidewaysScroll,
  requireTabbable,
  settled,
  shifts,
  toggle,
  WIDE,
} from './page-rules.ts'
import { pages } from './pages.ts'
import { newSignUp, Person } from './person.ts'

const browser = inBrowser()

describe('every route of the dashboard', { skip: browser.skip }, () => {
  let filled: FilledTenant
  /** One log-in for all: what it takes is tested elsewhere. */
  let session: readonly Cookie[] | undefined

  async function openAsOwner(visit: Visit, path: string): Promise<Page> {
    const page = await visit.open(path, session ?? filled.owner)
    session ??= await page.context().cookies()
    return page
  }

  before(async () => {
    const owner = await new Person(browser.stack, newSignUp()).register()
    filled = await fillTenant(await owner.verifyEmail())
  })

  it(
    'is listed in pages.ts, as the running router has them',
    browser.test(async (visit) => {
      const page = await visit.open('/login')
      await settled(page, 'Log in')
      assert.deepEqual((await routesOf(page)).sort(), Object.keys(pages).sort())
    }),
  )

  for (const [route, entry] of Object.entries(pages)) {
    const isOfEnvironment = route.startsWith('/$environment')
    const holds = `${route} holds what every page must hold`
    const switches = 'says where one is, and switches to the other environment without a move on the screen'
    it(
      isOfEnvironment ? `${holds}, ${switches}` : holds,
      browser.test(async (visit) => {
        const path = entry.path(filled, 'sandbox')
        const page = entry.isPublic ? await visit.open(path) : await openAsOwner(visit, path)
        await settled(page, entry.heading)
        await requireAccessible(page)
        await requireTabbable(page)
        await page.setViewportSize(NARROW)
        await requireNoSidewaysScroll(page)
        await page.emulateMedia({ colorScheme: 'dark' })
        await requireAccessible(page)
        if (isOfEnvironment) await requireSwitch(page, route)
      }),
    )
  }

  it(
    'an address that leads nowhere says so, with a way on',
    browser.test(async (visit) => {
      const page = await openAsOwner(visit, '/sandbox/nowhere')
      await settled(page, 'There is no such page')
      await requireAccessible(page)
      await page.getByRole('link', { name: 'Go to the overview' }).click()
      await settled(page, 'Overview')
    }),
  )
})

/** Fails where a page of the Sandbox does not say so, or moves when its environment is switched. */
async function requireSwitch(page: Page, route: string): Promise<void> {
  await page.setViewportSize(WIDE)
  await page.getByText(BANNERS.sandbox, { exact: true }).waitFor()
  assert.equal(await toggle(page, 'Sandbox').getAttribute('aria-pressed'), 'true')

  await recordShifts(page)
  await toggle(page, 'Production').click()
  await page.getByText(BANNERS.production, { exact: true }).waitFor()
  await settled(page, /./)
  await toggle(page, 'Production').and(page.locator('[aria-pressed=true]')).waitFor()
  assert.match(new URL(page.url()).pathname, /^\/production(\/|$)/)
  // A page about one thing gives way to the list of such things: another page altogether.
  if (!route.includes('/$', 1)) assert.deepEqual(await shifts(page), [])
}

/** Paths of the routes that show something, from the router as it runs. */
function routesOf(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    interface Route {
      readonly fullPath: string
      readonly children?: unknown
    }
    // TanStack Router puts itself there
    const { __TSR_ROUTER__: router } = window as unknown as {
      __TSR_ROUTER__: { routesById: Record<string, Route> }
    }
    return Object.values(router.routesById)
      .filter((route) => route.children === undefined)
      .map((route) => route.fullPath)
  })
}
