import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'

const HERE = new URL('.', import.meta.url)
const SOURCES = readdirSync(HERE).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))

test('every source runs in Node, browsers and Workers: it imports nothing but its neighbours, and no host global', () => {
  assert.ok(SOURCES.length > 30)
  for (const name of SOURCES) {
    const code = readFileSync(new URL(name, HERE), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')
    for (const [, from] of code.matchAll(/\bfrom '([^']+)'/g))
      assert.match(from ?? '', /^\.\/[a-z0-9-]+\.ts$/, name)
    assert.doesNotMatch(
      code,
      /\bimport\s*[('"]|\brequire\(|\bBuffer\b|\bDate\b|Math\.random|\bglobalThis\.|\bwindow\b/,
      name,
    )
  }
})

test('the package has no dependencies', () => {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', HERE), 'utf8'))
  assert.deepEqual(manifest.dependencies, {})
})
