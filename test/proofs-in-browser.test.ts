import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { test } from 'node:test'
import type { LogVectorFile } from '../packages/proofs/testdata/make-log-vectors.ts'
import type { VectorFile } from '../packages/proofs/testdata/make-vectors.ts'
import { launchChromium, skipWithoutChromium } from './browser/chromium.ts'

const PROOFS = join(import.meta.dirname, '../packages/proofs')
const FILES = ['vectors-v1.json', 'log-vectors-v1.json']

function textOf(file: string): string {
  return readFileSync(join(PROOFS, 'testdata', file), 'utf8')
}

/** The sources as they are, their types blanked out: nothing is bundled, so what runs is what is read. */
function serveSources() {
  const server = createServer((request, response) => {
    const path = request.url ?? '/'
    if (path === '/') {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>vectors</title>')
    } else if (FILES.includes(path.slice(1))) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(textOf(path.slice(1)))
    } else if (/^\/(src|testdata)\/[a-z0-9-]+\.ts$/.test(path)) {
      const code = stripTypeScriptTypes(readFileSync(join(PROOFS, path), 'utf8'))
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(code)
    } else response.writeHead(404).end()
  })
  return new Promise<{ url: string; close: () => void }>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' ? address?.port : undefined
      resolve({ url: `http://127.0.0.1:${port}`, close: () => server.close() })
    })
  })
}

test('P6 a real browser gives every vector the verdict that it must have, from the same source as Node', {
  skip: skipWithoutChromium,
}, async () => {
  const sources = await serveSources()
  const browser = await launchChromium()
  try {
    const page = await browser.newPage()
    const errors: string[] = []
    page.on('pageerror', (error) => errors.push(String(error)))
    await page.goto(sources.url)
    for (const file of FILES) {
      const { vectors }: VectorFile | LogVectorFile = JSON.parse(textOf(file))
      const steps = await page.evaluate(judgeInPage, `${sources.url}/${file}`)
      assert.deepEqual(errors, [])
      const expected = vectors.map(({ name, failedStep }) => [name, failedStep ?? null])
      assert.deepEqual(steps, expected)
      assert.ok(steps.length >= 200)
    }
  } finally {
    await browser.close()
    sources.close()
  }
})

/** Runs in the page: the verdict on every vector of a file. */
async function judgeInPage(url: string): Promise<[string, string | null][]> {
  const { failedStepOf } = await import(new URL('/testdata/judge-vector.ts', url).href)
  const { portableSha256, sha256Engine } = await import(new URL('/src/sha256.ts', url).href)
  if (sha256Engine() !== portableSha256) throw new Error('a page has no SHA-256 of its host')
  const answer = await fetch(url)
  const file = (await answer.json()) as VectorFile | LogVectorFile // the file that is served above
  const found: [string, string | null][] = []
  for (const vector of file.vectors) found.push([vector.name, await failedStepOf(vector)])
  return found
}
