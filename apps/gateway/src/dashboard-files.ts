import { createHash, randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

interface DashboardFile {
  readonly type: string
  readonly bytes: Buffer
  /** By the names of `Accept-Encoding`, best first. */
  readonly encoded: ReadonlyMap<string, Buffer>
  readonly etag: string
  /** True for a file whose name changes with its content. */
  readonly isImmutable: boolean
}

/** The built dashboard in memory: the page, and its files by path (`/assets/x.js`). */
export interface DashboardFiles {
  readonly page: string
  readonly files: ReadonlyMap<string, DashboardFile>
}

const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.json': 'application/json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
}
/** What is added to the name of a file for its compressed form, by the names of `Accept-Encoding`, best first. */
const COMPRESSED: ReadonlyMap<string, string> = new Map([
  ['br', '.br'],
  ['gzip', '.gz'],
])
const PAGE = 'index.html'
const NONCE_PLACE = '{{nonce}}'
const NONCE_BYTES = 16

/**
 * Reads the built dashboard (Vite's `dist`), once: a request is then a look-up in a map, and no path of a request ever
 * reaches the file system. Throws where the folder holds no dashboard.
 */
export async function readDashboard(folder: string): Promise<DashboardFiles> {
  const page = await readFile(join(folder, PAGE), 'utf8')
  if (!page.includes(NONCE_PLACE)) throw new Error(`${join(folder, PAGE)} has no place for the nonce`)
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile() && entry.name !== PAGE && !entry.name.startsWith('.'))
    .map((entry) => join(entry.parentPath, entry.name))
  const compressed = new Set(paths.filter((path) => [...COMPRESSED.values()].includes(extname(path))))
  const files = await Promise.all(
    paths
      .filter((path) => !compressed.has(path))
      .map(async (path): Promise<[string, DashboardFile]> => {
        const name = path.slice(folder.length).replaceAll('\\', '/')
        return [name.startsWith('/') ? name : `/${name}`, await readOne(path, compressed)]
      }),
  )
  return { page, files: new Map(files) }
}

/** `compressed`: paths of compressed forms, which the build leaves beside what is worth it. */
async function readOne(path: string, compressed: ReadonlySet<string>): Promise<DashboardFile> {
  const type = types[extname(path)]
  if (type === undefined) throw new Error(`${path} is of no type that the dashboard has`)
  const bytes = await readFile(path)
  const encoded = new Map<string, Buffer>()
  for (const [encoding, suffix] of COMPRESSED) {
    if (compressed.has(path + suffix)) encoded.set(encoding, await readFile(path + suffix))
  }
  return {
    type,
    bytes,
    encoded,
    // Weak: it is that of every encoding.
    etag: `W/"${createHash('sha256').update(bytes).digest('base64url')}"`,
    isImmutable: path.includes('/assets/'),
  }
}

/** Serves the files, and the page for every other address that a browser opens: the page knows which of them there are. */
export function addDashboard(fastify: FastifyInstance, dashboard: DashboardFiles): void {
  for (const [path, file] of dashboard.files) {
    fastify.get(path, async (request, reply) => sendFile(request, reply, file))
  }
  const page = async (_request: FastifyRequest, reply: FastifyReply) => sendPage(reply, dashboard.page)
  fastify.get('/', page)
  fastify.get('/*', async (request, reply) => {
    if (!request.headers.accept?.includes('text/html')) return reply.callNotFound()
    return page(request, reply)
  })
}

function sendPage(reply: FastifyReply, page: string): FastifyReply {
  const nonce = randomBytes(NONCE_BYTES).toString('base64url')
  return reply
    .type('text/html; charset=utf-8')
    .headers({ 'content-security-policy': policyOf(nonce), 'cache-control': 'no-store' })
    .send(page.replaceAll(NONCE_PLACE, nonce))
}

/** Our own files and nothing else, in either direction. Style elements of libraries carry the nonce. */
function policyOf(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

function sendFile(request: FastifyRequest, reply: FastifyReply, file: DashboardFile): FastifyReply {
  reply.headers({
    etag: file.etag,
    vary: 'accept-encoding',
    'cache-control': file.isImmutable ? 'public, max-age=31536000, immutable' : 'no-cache',
  })
  if (request.headers['if-none-match'] === file.etag) return reply.code(304).send()
  const accepted = String(request.headers['accept-encoding'] ?? '')
  for (const [encoding, bytes] of file.encoded) {
    if (!accepted.split(/\s*,\s*/).includes(encoding)) continue
    return reply.type(file.type).header('content-encoding', encoding).send(bytes)
  }
  return reply.type(file.type).send(file.bytes)
}
