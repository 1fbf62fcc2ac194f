import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const IMPORT = /^\s*(?:import|export)\b[^'"]*?from\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]/gm

/** Every module that importing `url` loads, and what each of them imports, types left out. */
function importsFrom(url: string, found = new Map<string, string[]>()): Map<string, string[]> {
  if (found.has(url)) return found
  const source = stripTypeScriptTypes(readFileSync(fileURLToPath(url), 'utf8'))
  const specifiers = [...source.matchAll(IMPORT)].map(([, from, bare]) => from ?? bare ?? '')
  found.set(url, specifiers)
  for (const specifier of specifiers) {
    if (specifier.startsWith('.')) importsFrom(new URL(specifier, url).href, found)
    if (specifier.startsWith('@pacspace/proofs/')) importsFrom(import.meta.resolve(specifier), found)
  }
  return found
}

test('the SDK loads itself and packages/proofs and nothing else: no Node module, no dependency', () => {
  const modules = importsFrom(new URL('pacspace.ts', import.meta.url).href)
  const specifiers = [...modules.values()].flat()
  assert.ok(modules.size > 20, 'the walk follows imports')
  assert.deepEqual(
    specifiers.filter(
      (specifier) => !specifier.startsWith('.') && !specifier.startsWith('@pacspace/proofs/'),
    ),
    [],
  )
})
