import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { inBrowser } from './in-browser.ts'
import { settled } from './page-rules.ts'

const browser = inBrowser()

describe('the browser of a test', { skip: browser.skip }, () => {
  it(
    'has kept nothing of the one before it, though it may be the same',
    browser.test(async (visit) => {
      // As many as any test ever had, so that the second time nothing but used ones are taken.
      const used = [await visit.open('/login'), await visit.open('/login')]
      for (const page of used) {
        await settled(page, 'Log in')
        await page.context().newPage()
        await page.setViewportSize({ width: 360, height: 740 })
        await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'no-preference' })
        await page.route('**/sign-up', (route) => route.abort())
        await page.evaluate(leaveTraces)
        assert.notDeepEqual(await page.evaluate(traces), NONE, 'traces are seen')
        await page.context().setOffline(true)
      }
      const contexts = new Set(used.map((page) => page.context()))
      await visit[Symbol.asyncDispose]()

      const page = await visit.open('/sign-up')
      await settled(page, 'Create an account')
      assert.ok(contexts.has(page.context()), 'the same browser, taken again')
      assert.equal(page.context().pages().length, 1)
      assert.deepEqual(await page.evaluate(traces), NONE)
    }),
  )
})

const NONE = {
  cookie: '',
  local: 0,
  session: 0,
  databases: 0,
  caches: 0,
  isDark: false,
  moves: false,
  width: 1280,
}

/** Runs in the page. */
async function leaveTraces(): Promise<void> {
  await cookieStore.set('trace', '1')
  localStorage.setItem('trace', '1')
  sessionStorage.setItem('trace', '1')
  await caches.open('trace')
  await new Promise((resolve) => {
    indexedDB.open('trace').onsuccess = resolve
  })
}

/** Runs in the page. */
async function traces() {
  return {
    cookie: document.cookie,
    local: Object.keys(localStorage).filter((key) => key === 'trace').length,
    session: Object.keys(sessionStorage).filter((key) => key === 'trace').length,
    databases: (await indexedDB.databases()).length,
    caches: (await caches.keys()).length,
    isDark: matchMedia('(prefers-color-scheme: dark)').matches,
    moves: matchMedia('(prefers-reduced-motion: no-preference)').matches,
    width: innerWidth,
  }
}
