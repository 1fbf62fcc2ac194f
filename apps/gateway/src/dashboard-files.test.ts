import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { systemClock } from '@pacspace/service/clock'
import type { HttpService } from '@pacspace/service/http'
import { silentLog } from '@pacspace/service/log'
import { readDashboard } from './dashboard-files.ts'
import { createGateway } from './gateway.ts'

const SCRIPT = 'console.log("page")\n'.repeat(50)
/** Nobody listens there; the dashboard needs nobody. */
const NOWHERE = 'http://127.0.0.1:9'

let folder: string
let gateway: HttpService
let baseUrl: string
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pacspace-dashboard-'))
  await mkdir(join(folder, 'assets'))
  await writeFile(join(folder, 'index.html'), '<meta nonce="{{nonce}}"><p>page</p>')
  await writeFile(join(folder, 'assets/index-abc.js'), SCRIPT)
  await writeFile(join(folder, 'assets/index-abc.js.br'), brotliCompressSync(SCRIPT))
  await writeFile(join(folder, 'assets/index-abc.js.gz'), gzipSync(SCRIPT))
  await writeFile(join(folder, 'theme.js'), 'theme')
  await writeFile(join(folder, '.stamp'), 'secret')
  gateway = await createGateway({
    publicUrl: NOWHERE,
    controlUrl: NOWHERE,
    planeUrls: { sandbox: NOWHERE, production: NOWHERE },
    readyUrls: new Map(),
    mailboxDir: undefined,
    dashboard: await readDashboard(folder),
    log: silentLog,
    clock: systemClock,
  })
  baseUrl = (await gateway.listen({ host: '127.0.0.1', port: 0 })).url
})
after(async () => {
  await gateway.close()
  await rm(folder, { recursive: true })
})

const get = (path: string, headers: Record<string, string> = {}) => fetch(baseUrl + path, { headers })

describe('the dashboard', () => {
  it('is one page at every address that a browser opens, under a policy without unsafe-inline', async () => {
    const nonces = new Set<string>()
    for (const path of ['/', '/login', '/production/customers/cust_1', '/verify/0x00']) {
      const answer = await get(path, { accept: 'text/html,*/*' })
      assert.equal(answer.status, 200, path)
      assert.equal(answer.headers.get('cache-control'), 'no-store')
      const policy = answer.headers.get('content-security-policy') ?? ''
      const nonce = /'nonce-([\w-]{22})'/.exec(policy)?.[1]
      assert.ok(nonce)
      assert.doesNotMatch(policy, /unsafe/)
      assert.match(policy, /default-src 'none'.*frame-ancestors 'none'/)
      assert.equal(await answer.text(), `<meta nonce="${nonce}"><p>page</p>`)
      assert.equal(answer.headers.get('x-content-type-options'), 'nosniff')
      nonces.add(nonce)
    }
    assert.equal(nonces.size, 4)
  })

  it('has files that are kept for good where their name tells their content, and asked for again elsewhere', async () => {
    const script = await get('/assets/index-abc.js')
    assert.equal(await script.text(), SCRIPT)
    assert.equal(script.headers.get('content-type'), 'text/javascript; charset=utf-8')
    assert.match(script.headers.get('cache-control') ?? '', /immutable/)
    const theme = await get('/theme.js', { 'accept-encoding': 'identity' })
    assert.equal(theme.headers.get('cache-control'), 'no-cache')
    const again = await get('/theme.js', { 'if-none-match': theme.headers.get('etag') ?? '' })
    assert.equal(again.status, 304)
  })

  it('has compressed forms of files where the build made them', async () => {
    const wanted: readonly [path: string, accepted: string, encoding: string | null][] = [
      ['/assets/index-abc.js', 'gzip, br', 'br'],
      ['/assets/index-abc.js', 'gzip', 'gzip'],
      ['/assets/index-abc.js', 'identity', null],
      ['/theme.js', 'gzip, br', null],
    ]
    for (const [path, accepted, encoding] of wanted) {
      const answer = await get(path, { 'accept-encoding': accepted })
      assert.equal(answer.headers.get('content-encoding'), encoding, `${path} ${accepted}`)
      assert.equal(answer.headers.get('vary'), 'accept-encoding')
      assert.match(answer.headers.get('etag') ?? '', /^W\//)
      assert.equal(await answer.text(), path === '/theme.js' ? 'theme' : SCRIPT)
    }
  })

  it('answers nothing else: programs get the 404 of every service, and no path leads to the file system', async () => {
    for (const path of [
      '/nothing',
      '/.stamp',
      '/assets/..%2f.stamp',
      '/assets/nothing.js',
      '/assets/index-abc.js.br',
      '/%2e%2e/%2e%2e/etc/passwd',
    ]) {
      const answer = await get(path, { accept: 'application/json' })
      assert.equal(answer.status, 404, path)
      assert.match(await answer.text(), /"code":"NOT_FOUND"/)
    }
  })
})

it('a folder without a dashboard, or with a page that has no place for the nonce, is refused', async () => {
  await assert.rejects(readDashboard(join(folder, 'assets')), { code: 'ENOENT' })
  const bare = await mkdtemp(join(tmpdir(), 'pacspace-dashboard-'))
  await writeFile(join(bare, 'index.html'), '<p>page</p>')
  await assert.rejects(readDashboard(bare), /no place for the nonce/)
  await rm(bare, { recursive: true })
})
