import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { type OpenApiDocument, operationsOf } from './src/reference/reference-of.ts'

/** The web dashboard: static files that the gateway serves. `npm start` builds them when their sources changed. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), tailwindcss()],
  define: {
    // The API reference, out of the committed documents; in the chunk of its page alone.
    __API_REFERENCE__: JSON.stringify({
      balance: operationsOf(openApi('balance.json')),
      dashboard: operationsOf(openApi('dashboard.json')),
    }),
  },
  build: {
    outDir: 'dist',
    target: 'es2023',
    // Everything is a file of its own: the policy of the page forbids data: scripts and inline ones.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // A build replaces what an older one left, and nothing is served from a half-written folder: see tools/build-dashboard.mjs.
    emptyOutDir: true,
  },
})

function openApi(name: string): OpenApiDocument {
  return JSON.parse(readFileSync(join(import.meta.dirname, '../../docs/openapi', name), 'utf8'))
}
