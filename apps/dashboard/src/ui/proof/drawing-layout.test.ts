import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { layOut } from './drawing-layout.ts'
import type { ProofStation } from './proof-stations.ts'

function station(key: string, look: ProofStation['look'], tree?: ProofStation['tree']): ProofStation {
  return { key, look, tree, title: key, words: '', label: { kind: 'words', text: '' }, state: 'holds' }
}

function path(ledgerNodes: number, logNodes: number): ProofStation[] {
  const nodes = (tree: 'ledger' | 'log', count: number) =>
    Array.from({ length: count }, (_, i) => station(`${tree} ${i}`, 'node', tree))
  return [
    station('record', 'stop'),
    station('leaf', 'stop', 'ledger'),
    ...nodes('ledger', ledgerNodes),
    station('ledger root', 'stop', 'ledger'),
    station('entry', 'stop'),
    station('log leaf', 'stop', 'log'),
    ...nodes('log', logNodes),
    station('log root', 'stop', 'log'),
    station('head', 'stop'),
  ]
}

describe('the drawing of a proof', () => {
  it('has the record at the bottom, each later station above the one before, all inside', () => {
    const { rows, height } = layOut(path(3, 5), false)
    assert.deepEqual(
      rows.map(({ station: { key } }) => key),
      path(3, 5).map(({ key }) => key),
    )
    rows.reduce((below, row) => {
      assert.ok(row.y < below, row.key)
      return row.y
    }, height)
    assert.ok((rows.at(-1)?.y ?? 0) > 0)
  })

  it('frames each tree: its stations and no others', () => {
    const { rows, trees } = layOut(path(3, 5), false)
    assert.deepEqual(
      trees.map(({ tree }) => tree),
      ['ledger', 'log'],
    )
    for (const { tree, top, bottom } of trees) {
      for (const row of rows) assert.equal(row.y > top && row.y < bottom, row.station.tree === tree, row.key)
    }
  })

  it('folds the middle of a long path into one row that says how many it hides, and shows all when asked', () => {
    const stations = path(19, 5)
    const folded = layOut(stations, false).rows
    const hidden = folded.filter((row) => row.hidden !== undefined)
    assert.deepEqual(
      hidden.map((row) => [row.station.tree, row.hidden]),
      [['ledger', 15]],
    )
    assert.equal(folded.length + 15 - 1, stations.length)
    // It is lit when the last of what it hides is.
    assert.equal(hidden[0]?.index, 2 + 16)
    assert.equal(layOut(stations, true).rows.length, stations.length)
  })
})
