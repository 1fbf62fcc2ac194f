import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { AxeResults } from 'axe-core'
import type { Locator, Page } from 'playwright-core'

const AXE = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8')

/** A screen with room for everything, and the one that pages are opened on. */
export const WIDE = { width: 1280, height: 800 }

/** The narrowest screen that the product is for (product.md §7), in CSS pixels. */
export const NARROW = { width: 360, height: 740 }

/** What stands below the header of every page, word for word (product.md §7). */
export const BANNERS = {
  sandbox: 'Sandbox Mode — Data here is for testing only and does not affect production.',
  production: 'Production — Live data, real settlement.',
} as const

/** A segment of the environment toggle. */
export function toggle(page: Page, name: 'Sandbox' | 'Production'): Locator {
  return page.getByRole('group', { name: 'Environment' }).getByRole('button', { name })
}

/** Waits until a page shows what it has: its heading, and nothing that stands for text that is still to come. */
export async function settled(page: Page, heading: string | RegExp): Promise<void> {
  await page.getByRole('heading', { level: 1, name: heading }).waitFor()
  await page
    .getByRole('status', { name: /^Loading/ })
    .first()
    .waitFor({ state: 'detached' })
}

/** Fails where axe finds a violation of WCAG 2.2 AA or of good practice on the page as it stands. */
export async function requireAccessible(page: Page): Promise<void> {
  // Not a script element: the page's policy forbids those, as it should.
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(AXE)
  const { violations } = await page.evaluate(async (): Promise<Pick<AxeResults, 'violations'>> => {
    // axe puts itself there
    const { axe } = window as unknown as { axe: typeof import('axe-core') }
    // Only of violations is each element told: half of the time goes into the others.
    return await axe.run({ resultTypes: ['violations'], rules: { 'target-size': { enabled: true } } })
  })
  const lines = violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id}: ${help}\n  ${node.html}\n  ${node.failureSummary}`),
  )
  assert.equal(lines.length, 0, `axe on ${page.url()}:\n${lines.join('\n')}`)
}

/** Fails where the page, or a part of it that is not code, has to be scrolled sideways. */
export async function requireNoSidewaysScroll(page: Page): Promise<void> {
  const wide = await page.evaluate(() => {
    const describe = (element: Element) =>
      `${element.tagName.toLowerCase()}.${element.className} is ${element.scrollWidth} wide in ${element.clientWidth}`
    const root = document.documentElement
    const pageTooWide = root.scrollWidth > root.clientWidth ? [root] : []
    const scrollers = [...document.querySelectorAll('body *')].filter(
      (element) =>
        element.scrollWidth > element.clientWidth + 1 &&
        /auto|scroll/.test(getComputedStyle(element).overflowX) &&
        !element.matches('pre, code, textarea'),
    )
    return [...pageTooWide, ...scrollers].map(describe)
  })
  assert.deepEqual(wide, [], `sideways scrolling on ${page.url()}`)
}

/**
 * Walks once over the page by Tab: every control must be met, and be seen to have the focus. Controls that a group moves
 * between by arrow keys count by the one of them that Tab stops at.
 */
export async function requireTabbable(page: Page): Promise<void> {
  const count = await page.evaluate(markTabStops)
  for (let press = 0; press < count; press++) await page.keyboard.press('Tab')
  // A scrolling box is a stop of its own, and the browser's own bar may come between.
  for (let press = 0; press < 10 && (await page.evaluate(tabProblems)).length > 0; press++)
    await page.keyboard.press('Tab')
  assert.deepEqual(await page.evaluate(tabProblems), [], `by Tab on ${page.url()}`)
}

/** Runs in the page, after `markTabStops`: says of which stop Tab was not seen to reach it. */
function tabProblems(): string[] {
  const stops = [...document.querySelectorAll('[data-tab-stop]')]
  const name = (element: Element) =>
    element.getAttribute('aria-label') ?? element.textContent?.trim().slice(0, 40) ?? ''
  return stops.flatMap((element) => {
    const seen = element.getAttribute('data-tab-stop')
    return seen === 'seen' ? [] : [`${element.tagName.toLowerCase()} "${name(element)}" is ${seen}`]
  })
}

/** Runs in the page: marks what Tab should stop at, and what it then did. Gives how many there are. */
function markTabStops(): number {
  const controls = 'a[href], button, input, select, textarea, summary, [tabindex]'
  const stops = [...document.querySelectorAll<HTMLElement>(controls)].filter((element) => {
    const isOff = element.matches(':disabled, [type=hidden], [aria-hidden=true] *') || element.tabIndex < 0
    const isOtherRadio = element instanceof HTMLInputElement && element.type === 'radio' && !element.checked
    return !isOff && !isOtherRadio && element.checkVisibility({ visibilityProperty: true })
  })
  for (const element of stops) element.setAttribute('data-tab-stop', 'never reached')
  document.addEventListener('focusin', ({ target }) => {
    // A drawing has stops too.
    if (!(target instanceof Element) || !target.hasAttribute('data-tab-stop')) return
    const { outlineStyle, outlineWidth } = getComputedStyle(target)
    // A group that hands the focus on to one of its own has none to show.
    const isHandedOn = document.activeElement !== target
    const isSeen = isHandedOn || (outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 1)
    target.setAttribute('data-tab-stop', isSeen ? 'seen' : 'without a visible focus')
  })
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
  return stops.length
}

/** From now on: writes down what moves on the screen, also right after a click, which a page's score leaves out. */
export async function recordShifts(page: Page): Promise<void> {
  await page.evaluate(async () => {
    // Two frames: what was changed before, such as the size of the window, is drawn by then.
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
    interface Shift extends PerformanceEntry {
      readonly sources: readonly {
        readonly node: Node | null
        readonly previousRect: DOMRect
        readonly currentRect: DOMRect
      }[]
    }
    const shifts: string[] = []
    Object.assign(window, { shifts })
    new PerformanceObserver((list) => {
      for (const { sources } of list.getEntries() as Shift[]) {
        for (const { node, previousRect: from, currentRect: to } of sources)
          shifts.push(`"${node?.textContent?.slice(0, 60)}" from ${from.x},${from.y} to ${to.x},${to.y}`)
      }
    }).observe({ type: 'layout-shift' })
  })
}

/** What has moved since `recordShifts`. */
export function shifts(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    // Two frames: what was just drawn is told by then.
    await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
    return (window as unknown as { shifts: string[] }).shifts // put there by recordShifts
  })
}
