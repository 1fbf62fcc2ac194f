import assert from 'node:assert/strict'
import { test } from 'node:test'
import { concatBytes } from './bytes.ts'
import { decodeEntryBundle, encodeEntryBundle } from './entry-bundle.ts'
import { leafHash, rootOf } from './merkle.ts'
import { inclusionProof } from './merkle-proof.ts'
import {
  newTiles,
  nodeFromTile,
  nodesOfTile,
  parseTilePath,
  placeOfNode,
  type TileId,
  tilePath,
  tileWidth,
} from './tiles.ts'
import { assembleProof, planInclusion } from './tree-nodes.ts'

test('paths are those of C2SP tlog-tiles', () => {
  const paths: [TileId, string][] = [
    [{ level: 0, index: 1234067, width: 256 }, 'tile/0/x001/x234/067'],
    [{ level: 0, index: 0, width: 256 }, 'tile/0/000'],
    [{ level: 63, index: 999, width: 1 }, 'tile/63/999.p/1'],
    [{ level: 1, index: 1000, width: 255 }, 'tile/1/x001/000.p/255'],
    [{ level: 'entries', index: 70, width: 112 }, 'tile/entries/070.p/112'],
    [{ level: 0, index: Number.MAX_SAFE_INTEGER, width: 256 }, 'tile/0/x009/x007/x199/x254/x740/991'],
  ]
  for (const [tile, path] of paths) {
    assert.equal(tilePath(tile), path)
    assert.deepEqual(parseTilePath(path), tile)
  }
})

test('only the paths that tilePath writes are tiles: no other spelling, no way out of the folder', () => {
  const bad = [
    '',
    'tile/0/0',
    'tile/0/00',
    'tile/00/000',
    'tile/64/000',
    'tile/-1/000',
    'tile/0/x000/001',
    'tile/0/001/x234',
    'tile/0/001/234',
    'tile/0/x001/x234',
    'tile/0/000.p/0',
    'tile/0/000.p/01',
    'tile/0/000.p/256',
    'tile/0/000.p/999',
    'tile/0/000.p/',
    'tile/0/000/',
    '/tile/0/000',
    'tile/0/000\n',
    'tile/entry/000',
    'tile/0/../000',
    'tile/0/x999/x999/x999/x999/x999/999',
    `tile/0/${'x001/'.repeat(100)}000`,
  ]
  for (const path of bad) assert.equal(parseTilePath(path), undefined, path)
})

test('tiles outside the format are not named', () => {
  const tile: TileId = { level: 0, index: 0, width: 1 }
  const bad: TileId[] = [
    { ...tile, level: -1 },
    { ...tile, level: 64 },
    { ...tile, level: 0.5 },
    { ...tile, index: -1 },
    { ...tile, index: 2 ** 53 },
    { ...tile, width: 0 },
    { ...tile, width: 257 },
    { ...tile, width: 1.5 },
  ]
  for (const one of bad) assert.throws(() => tilePath(one), { code: 'OUT_OF_RANGE' }, JSON.stringify(one))
})

test('trees of 70,000 and of 256 leaves have the tiles that the specification lists', () => {
  const count = (size: number, level: TileId['level'], isFull: boolean) =>
    [...newTiles(0, size)].filter((tile) => tile.level === level && (tile.width === 256) === isFull).length
  for (const level of [0, 'entries'] as const) {
    assert.equal(count(70_000, level, true), 273)
    assert.equal(count(70_000, level, false), 1)
    assert.equal(tileWidth(level, 273, 70_000), 112)
  }
  assert.equal(count(70_000, 1, true), 1)
  assert.equal(tileWidth(1, 1, 70_000), 17)
  assert.equal(tileWidth(2, 0, 70_000), 1)
  assert.equal(tileWidth(3, 0, 70_000), 0)
  assert.deepEqual(
    [...newTiles(0, 256)],
    [
      { level: 0, index: 0, width: 256 },
      { level: 'entries', index: 0, width: 256 },
      { level: 1, index: 0, width: 1 },
    ],
  )
  assert.deepEqual([...newTiles(0, 0)], [])
})

test('what a growing log writes, step by step, is all that a reader of its last size needs', () => {
  const written = new Map<string, number>()
  const steps = [0, 1, 255, 256, 257, 700, 65_536, 65_600, 70_000]
  for (const [i, to] of steps.entries()) {
    for (const tile of newTiles(steps[i - 1] ?? 0, to)) written.set(`${tile.level}/${tile.index}`, tile.width)
  }
  const needed = new Map(
    Array.from(newTiles(0, 70_000), (tile) => [`${tile.level}/${tile.index}`, tile.width]),
  )
  assert.deepEqual(written, needed)
  assert.deepEqual([...newTiles(70_000, 70_000)], [])
})

test('any inclusion proof can be put together from tiles alone', () => {
  const size = 1000
  const leaves = Array.from({ length: size }, (_, i) => leafHash(Buffer.from(`leaf ${i}`)))
  const tiles = new Map<string, Uint8Array>()
  for (const { level, index, width } of newTiles(0, size)) {
    if (level === 'entries') continue
    const hashes = nodesOfTile({ level, index, width }).map((node) =>
      rootOf(leaves, node.index * 2 ** node.level, (node.index + 1) * 2 ** node.level),
    )
    tiles.set(`${level}/${index}`, concatBytes(...hashes))
  }
  for (const index of [0, 255, 256, 511, 512, 999]) {
    const proof = assembleProof(planInclusion(index, size), (node) => {
      const place = placeOfNode(node)
      return nodeFromTile(place, tiles.get(`${place.level}/${place.index}`) ?? assert.fail())
    })
    assert.deepEqual(proof, inclusionProof(leaves, index))
  }
})

test('a node is found in its tile, and not in one too narrow', () => {
  assert.deepEqual(placeOfNode({ level: 0, index: 1234 }), { level: 0, index: 4, first: 210, count: 1 })
  assert.deepEqual(placeOfNode({ level: 7, index: 3 }), { level: 0, index: 1, first: 128, count: 128 })
  assert.deepEqual(placeOfNode({ level: 8, index: 300 }), { level: 1, index: 1, first: 44, count: 1 })
  const place = { level: 0, index: 0, first: 1, count: 2 }
  assert.throws(() => nodeFromTile(place, new Uint8Array(64)), { code: 'OUT_OF_RANGE' })
  assert.equal(nodeFromTile(place, new Uint8Array(96)).length, 32)
})

test('entry bundles are length-prefixed entries, and survive the way to bytes and back', () => {
  const entries = [
    new Uint8Array(0),
    Uint8Array.of(7),
    new Uint8Array(33).fill(1),
    new Uint8Array(65_535).fill(2),
  ]
  const bundle = encodeEntryBundle(entries)
  assert.deepEqual(bundle.subarray(0, 7), Uint8Array.of(0, 0, 0, 1, 7, 0, 33))
  assert.deepEqual(decodeEntryBundle(bundle), entries)
  const full = Array.from({ length: 256 }, () => Uint8Array.of(1))
  assert.equal(decodeEntryBundle(encodeEntryBundle(full)).length, 256)
})

test('a bundle cut anywhere, or with too many or too long entries, is refused', () => {
  const bundle = encodeEntryBundle([Uint8Array.of(1, 2, 3)])
  for (let length = 1; length < bundle.length; length++) {
    assert.throws(() => decodeEntryBundle(bundle.subarray(0, length)), { code: 'MALFORMED' })
  }
  assert.throws(() => decodeEntryBundle(new Uint8Array(2 * 257)), { code: 'MALFORMED' })
  assert.throws(() => encodeEntryBundle(Array(257).fill(new Uint8Array(1))), { code: 'OUT_OF_RANGE' })
  assert.throws(() => encodeEntryBundle([new Uint8Array(65_536)]), { code: 'OUT_OF_RANGE' })
})
