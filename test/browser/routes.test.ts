import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { Page } from 'playwright-core'
import { type FilledTenant, fillableStack, fillTenant } from './filled-tenant.ts'
import { inBrowser } from './in-browser.ts'
import { NARROW, requireAccessible, requireNoSidewaysScroll, requireTabbable, settled } from './page-rules.ts'
import { pages } from './pages.ts'
import { newSignUp, Person } from './person.ts'

const browser = inBrowser(fillableStack)

describe('every route of the dashboard', { skip: browser.skip }, () => {
  let filled: FilledTenant
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
    it(
      `${route} holds what every page must hold`,
      browser.test(async (visit) => {
        const person = entry.isPublic ? undefined : filled.owner
        const page = await visit.open(entry.path(filled, 'sandbox'), person)
        await settled(page, entry.heading)
        await requireAccessible(page)
        await requireTabbable(page)
        await page.setViewportSize(NARROW)
        await requireNoSidewaysScroll(page)

        await page.emulateMedia({ colorScheme: 'dark' })
        await requireAccessible(page)
      }),
    )
  }

  it(
    'an address that leads nowhere says so, with a way on',
    browser.test(async (visit) => {
      const page = await visit.open('/sandbox/nowhere', filled.owner)
      await settled(page, 'There is no such page')
      await requireAccessible(page)
      await page.getByRole('link', { name: 'Go to the overview' }).click()
      await settled(page, 'Overview')
    }),
  )
})

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
