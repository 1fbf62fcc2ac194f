import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'

const css = readFileSync(new URL('./theme.css', import.meta.url), 'utf8')

/** WCAG 2.2 §1.4.3: text needs this contrast to its background. */
const CONTRAST_MIN = 4.5

const pairs = [
  ['ink', 'surface'],
  ['ink', 'page'],
  ['ink-soft', 'surface'],
  ['ink-soft', 'page'],
  ['accent', 'surface'],
  ['accent', 'page'],
  ['on-accent', 'accent'],
  ['sandbox-text', 'sandbox-bg'],
  ['production-text', 'production-bg'],
  ['verified', 'surface'],
  ['pending', 'surface'],
  ['failed', 'surface'],
  ['failed', 'page'],
] as const

/** The tokens of the first rule after a selector. */
function tokensOf(selector: string): Map<string, string> {
  const at = css.indexOf(`${selector} {`)
  assert.ok(at >= 0, selector)
  const rule = css.slice(at, css.indexOf('}', at))
  return new Map(
    [...rule.matchAll(/--([a-z-]+): (#[0-9a-f]{6})/g)].map(([, name = '', value = '']) => [name, value]),
  )
}

/** Relative luminance of `#rrggbb` (WCAG 2.2). */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

const themes = {
  light: tokensOf(':root'),
  'dark, of the system': tokensOf(':root:not([data-theme="light"])'),
  'dark, chosen': tokensOf(':root[data-theme="dark"]'),
}

describe('every pair of text and background can be read', () => {
  for (const [theme, tokens] of Object.entries(themes)) {
    for (const [text, background] of pairs) {
      it(`${theme}: ${text} on ${background}`, () => {
        const [a, b] = [text, background].map((name) => luminance(tokens.get(name) ?? assert.fail(name)))
        assert.ok(a !== undefined && b !== undefined)
        const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
        assert.ok(contrast >= CONTRAST_MIN, contrast.toFixed(2))
      })
    }
  }

  it('both ways to the dark theme give the same colours', () => {
    assert.deepEqual(themes['dark, chosen'], themes['dark, of the system'])
  })
})
