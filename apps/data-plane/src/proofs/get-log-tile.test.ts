import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { emitBatch } from '@pacspace/api/definition/ledger'
import * as api from '@pacspace/api/definition/public-log'
import { dataPlaneEndpoints } from '@pacspace/api/endpoints'
import { toHex } from '@pacspace/proofs/hex'
import { verifyLogCheckpoint } from '@pacspace/proofs/log-proof'
import { verifyConsistency } from '@pacspace/proofs/merkle-proof'
import { newTiles, tilePath } from '@pacspace/proofs/tiles'
import type { TestAnswer } from '@pacspace/testing/test-client'
import { deltaOfRow, type StoredDelta } from '../ledger/front-door.ts'
import { startTestDataPlane, type TestDataPlane, type TestTenant } from '../testing/test-data-plane.ts'

/** Two full tiles, and a partial one behind them. */
const SIZE = 600
const CUSTOMERS = 7

let plane: TestDataPlane
let tenant: TestTenant
let logId: string
before(async () => {
  plane = await startTestDataPlane()
  tenant = await plane.newTenant()
  const { rows } = await plane.owner.query<{ log_id: string }>('select log_id from log')
  logId = rows[0]?.log_id ?? ''
  await emit(SIZE)
  await plane.verifyAll()
})
after(() => plane[Symbol.asyncDispose]())

let emitted = 0
async function emit(count: number): Promise<void> {
  const deltas = Array.from({ length: count }, (_, i) => ({
    customerId: `cust_${i % CUSTOMERS}`,
    delta: String(i - 300.5),
    reason: 'seat charge',
    referenceId: `bill_${emitted++}`,
  }))
  await plane.client.succeed(emitBatch, { key: tenant.key, body: { deltas } })
}

const tileAt = (path: string): Promise<TestAnswer<unknown>> =>
  plane.client.call(api.getLogTile, { params: { logId, tilePath: path } })

async function bytesAt(path: string): Promise<Buffer> {
  const { status, bytes, headers } = await tileAt(path)
  assert.equal(status, 200, path)
  assert.equal(headers.get('content-type'), 'application/octet-stream')
  assert.equal(headers.get('cache-control'), 'public, max-age=31536000, immutable')
  assert.equal(headers.get('access-control-allow-origin'), '*')
  return bytes
}

async function signedHead() {
  const note = await plane.client.succeed(api.getLogCheckpoint, { params: { logId } })
  const key = await plane.client.succeed(api.getLogKey, { params: { logId } })
  return (await verifyLogCheckpoint(note, { logKeys: [key.trimEnd()] })).checkpoint
}

// --- an independent reader: RFC 6962 §2.1 and C2SP tlog-tiles, from their text, without packages/proofs -----------------

const sha256 = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest()
const LEAF = Buffer.from([0])
const NODE = Buffer.from([1])

function merkleTreeHash(leaves: readonly Buffer[]): Buffer {
  const [only] = leaves
  if (only === undefined) return sha256()
  if (leaves.length === 1) return only
  let split = 1
  while (split * 2 < leaves.length) split *= 2
  return sha256(NODE, merkleTreeHash(leaves.slice(0, split)), merkleTreeHash(leaves.slice(split)))
}

const chunks = (bytes: Buffer, length: number) =>
  Array.from({ length: bytes.length / length }, (_, i) => bytes.subarray(i * length, (i + 1) * length))

/** `067`, or `x001/234` from a thousand on; with the width of a partial one. */
const pathOf = (level: number | string, index: number, width: number) =>
  `${level}/${index < 1_000 ? '' : `x${String(Math.floor(index / 1_000)).padStart(3, '0')}/`}${String(index % 1_000).padStart(3, '0')}${width === 256 ? '' : `.p/${width}`}`

async function readLevel(level: number | string, count: number): Promise<Buffer[]> {
  const tiles: Buffer[] = []
  for (let index = 0; index * 256 < count; index++) {
    tiles.push(await bytesAt(pathOf(level, index, Math.min(256, count - index * 256))))
  }
  return tiles
}

describe('the tiles of a log', () => {
  it('lead an independent reader from the entries to the signed root', async () => {
    const { size, root } = await signedHead()
    assert.equal(size, SIZE)
    const entries = (await readLevel('entries', size)).flatMap((bundle) =>
      chunks(bundle, 35).map((part) => {
        assert.equal(part.readUInt16BE(0), 33)
        return part.subarray(2)
      }),
    )
    assert.equal(entries.length, size)
    const leaves = entries.map((entry) => sha256(LEAF, entry))
    const level0 = (await readLevel(0, size)).flatMap((tile) => chunks(tile, 32))
    assert.deepEqual(level0, leaves)
    assert.equal(toHex(merkleTreeHash(leaves)), toHex(root))
    const level1 = (await readLevel(1, Math.floor(size / 256))).flatMap((tile) => chunks(tile, 32))
    assert.deepEqual(level1, [merkleTreeHash(leaves.slice(0, 256)), merkleTreeHash(leaves.slice(256, 512))])
  })

  it('are byte for byte those that the anchor holds', async () => {
    for (const tile of newTiles(0, SIZE)) {
      const path = tilePath(tile)
      const anchored = await readFile(join(plane.anchorDir, logId, path))
      assert.deepEqual(await bytesAt(path.slice('tile/'.length)), anchored, path)
    }
  })

  it('are given in every width that the tree has reached: the last is whole, one more is not there', async () => {
    const widest = await bytesAt('0/002.p/88')
    for (const width of [1, 2, 87]) {
      assert.deepEqual(await bytesAt(`0/002.p/${width}`), widest.subarray(0, 32 * width))
    }
    assert.deepEqual(await bytesAt('0/000.p/255'), (await bytesAt('0/000')).subarray(0, 255 * 32))
    for (const path of [
      '0/002.p/89',
      '0/002',
      '0/003.p/1',
      '1/000',
      '1/000.p/3',
      '2/000.p/1',
      'entries/002',
    ]) {
      assert.equal((await tileAt(path)).problem?.code, 'NOT_FOUND', path)
    }
  })

  it('are not there before they are verified', async () => {
    await emit(1)
    assert.equal((await tileAt('0/002.p/89')).problem?.code, 'NOT_FOUND')
    assert.equal((await tileAt('entries/002.p/89')).problem?.code, 'NOT_FOUND')
    await plane.verifyAll()
    assert.equal((await bytesAt('0/002.p/89')).length, 89 * 32)
  })

  it('have one path each: every other spelling is 404', async () => {
    for (const path of [
      '00/000',
      '0/0',
      '0/0000',
      '0/x000/000',
      '0/000.p/0',
      '0/000.p/256',
      '0/000.p/01',
      '0/000.p',
      '0/000/',
      '64/000',
      '-1/000',
      '0/000.p/1/2',
      'entries',
      'data/000',
      '0/..%2f..%2fjournal',
      '0',
      '/',
      '0/000?x=1',
      '0/000%00',
    ]) {
      const { problem } = await tileAt(path)
      assert.ok(['NOT_FOUND', 'VALIDATION_ERROR'].includes(problem?.code ?? ''), path)
    }
    await plane.client.refuse(api.getLogTile, 'NOT_FOUND', {
      params: { logId: '0'.repeat(32), tilePath: '0/000' },
    })
  })

  it('may be read by a page of any origin, which may ask beforehand', async () => {
    const url = `${plane.client.baseUrl}/log/${logId}/tile/0/000`
    const preflight = await fetch(url, {
      method: 'OPTIONS',
      headers: { origin: 'https://mirror.example', 'access-control-request-method': 'GET' },
    })
    assert.equal(preflight.status, 200)
    assert.equal(preflight.headers.get('access-control-allow-origin'), '*')
    assert.equal(preflight.headers.get('access-control-allow-methods'), 'GET, HEAD')
    const head = await fetch(url, { method: 'HEAD' })
    assert.deepEqual([head.status, head.headers.get('content-length')], [200, '8192'])
  })
})

describe('a consistency proof', () => {
  const consistency = (from: number, to?: number) =>
    plane.client.succeed(api.getLogConsistency, {
      params: { logId },
      query: { from, ...(to !== undefined && { to }) },
    })
  let leaves: Buffer[]
  before(async () => {
    const { size } = await signedHead()
    leaves = (await readLevel(0, size)).flatMap((tile) => chunks(tile, 32))
  })

  const holds = async (from: number, to: number) => {
    const { proof } = await consistency(from, to)
    const path = proof.map((hash) => Buffer.from(hash.slice(2), 'hex'))
    const roots = [merkleTreeHash(leaves.slice(0, from)), merkleTreeHash(leaves.slice(0, to))] as const
    assert.ok(verifyConsistency(from, to, path, ...roots), `${from} → ${to}`)
    if (from < to) assert.ok(!verifyConsistency(from, to, path, roots[1], roots[0]))
  }

  it('holds between any two sizes of a small log, and between sizes about each edge of tiles', async () => {
    for (let to = 1; to <= 20; to++) for (let from = 1; from <= to; from++) await holds(from, to)
    const edges = [1, 2, 255, 256, 257, 511, 512, 513, 599, 600, 601]
    for (const to of edges) for (const from of edges) if (from <= to) await holds(from, to)
  })

  it('leads by default to the newest verified size, and is empty from the empty log and to the same size', async () => {
    const { size } = await signedHead()
    assert.equal((await consistency(300)).to, size)
    assert.deepEqual(await consistency(0, 17), { from: 0, to: 17, proof: [] })
    assert.deepEqual(await consistency(17, 17), { from: 17, to: 17, proof: [] })
  })

  it('is refused for sizes that are not verified, not in order, or none', async () => {
    const { size } = await signedHead()
    for (const query of [
      { from: 1, to: size + 1 },
      { from: 9, to: 8 },
      { from: -1 },
      { from: 1.5 },
      {},
      { from: 'x' },
    ]) {
      await plane.client.refuse(api.getLogConsistency, 'VALIDATION_ERROR', { params: { logId }, query })
    }
    await plane.client.refuse(api.getLogConsistency, 'NOT_FOUND', {
      params: { logId: 'x' },
      query: { from: 1 },
    })
  })
})

describe('P9 nothing that the public log shows', () => {
  it('is a root, a content hash or a leaf of anything: every route is read', async () => {
    const { size } = await signedHead()
    const shown = new Map<string, Buffer[]>()
    const show = (id: string, bytes: Buffer) => shown.set(id, [...(shown.get(id) ?? []), bytes])
    for (const endpoint of [api.getLogCheckpoint, api.getLogKey]) {
      show(endpoint.id, (await plane.client.call(endpoint, { params: { logId } })).bytes)
    }
    for (const tile of newTiles(0, size))
      show('getLogTile', await bytesAt(tilePath(tile).slice('tile/'.length)))
    for (let from = 1; from < size; from += 13) {
      const { bytes } = await plane.client.call(api.getLogConsistency, { params: { logId }, query: { from } })
      show('getLogConsistency', bytes)
    }
    const routes = dataPlaneEndpoints.filter(({ path }) => path.startsWith('/log/')).map(({ id }) => id)
    assert.deepEqual(
      [...shown.keys()].sort(),
      routes.sort(),
      'a route of the public log that this test does not read',
    )

    const secrets = await secretHashes()
    // The root of a tree of one leaf is that leaf.
    assert.equal(secrets.size, 3 * size - CUSTOMERS)
    for (const [id, answers] of shown) for (const bytes of answers) assertShowsNone(id, bytes, secrets)
  })
})

/** Hex of every root, leaf and content hash there is. */
async function secretHashes(): Promise<Set<string>> {
  const { rows } = await plane.owner.query<StoredDelta>('select s.* from stored_delta s')
  return new Set(
    rows.flatMap((row) => {
      const { itemHash, contentHash, itemsRoot } = deltaOfRow(row)
      return [toHex(itemHash), contentHash, toHex(itemsRoot)].map((hash) => hash.slice(2))
    }),
  )
}

/** As bytes at any place, as hex, and as base64 lines. */
function assertShowsNone(id: string, bytes: Buffer, secrets: ReadonlySet<string>): void {
  for (let at = 0; at + 32 <= bytes.length; at++) {
    const hex = bytes.toString('hex', at, at + 32)
    assert.ok(!secrets.has(hex), `${id} shows ${hex}`)
  }
  const text = bytes.toString('latin1')
  for (const [hex] of text.matchAll(/[0-9a-f]{64}/g)) assert.ok(!secrets.has(hex), `${id} shows ${hex}`)
  for (const [word] of text.matchAll(/[A-Za-z0-9+/]{43}=/g)) {
    assert.ok(!secrets.has(Buffer.from(word, 'base64').toString('hex')), `${id} shows ${word}`)
  }
}

it('what was written meanwhile is sound', () => plane.requireSound())
