import type { ProofStation } from './proof-stations.ts'

/** A station in its place: row 0 is the lowest. A fold stands for `hidden` nodes that are not drawn. */
export interface DrawnRow {
  readonly key: string
  /** Middle of the row, in px from the top. */
  readonly y: number
  readonly station: ProofStation
  /** Index of the station among all: rows light up in its order. */
  readonly index: number
  readonly hidden?: number
}

/** A tree's rows, for the frame around them. */
export interface DrawnTree {
  readonly tree: NonNullable<ProofStation['tree']>
  readonly top: number
  readonly bottom: number
}

export interface Drawing {
  readonly height: number
  /** The record's first. */
  readonly rows: readonly DrawnRow[]
  readonly trees: readonly DrawnTree[]
}

const STOP_PX = 58
const NODE_PX = 38
const EDGE_PX = 6
/** Room for a tree's name. */
const CAPTION_PX = 22
/** A tree's nodes that are drawn without being asked for: more are folded, and people see the path and not its length. */
const NODES_MAX = 5
const NODES_KEPT_AT_EACH_END = 2

/** Places stations from the bottom up. `isUnfolded`: every node of every tree. */
export function layOut(stations: readonly ProofStation[], isUnfolded: boolean): Drawing {
  const kept = isUnfolded ? stations.map((station, index) => ({ station, index })) : folded(stations)
  let height = EDGE_PX
  const placed = kept.map((row, i) => {
    const px = row.station.look === 'node' ? NODE_PX : STOP_PX
    const fromBottom = height + px / 2
    height += px
    const next = kept[i + 1]?.station.tree
    if (row.station.tree !== undefined && row.station.tree !== next) height += CAPTION_PX
    return { ...row, key: row.station.key, fromBottom, px }
  })
  const total = height + EDGE_PX
  const rows = placed.map(({ fromBottom, px: _px, ...row }) => ({ ...row, y: total - fromBottom }))
  const bounds = placed.map(({ station, fromBottom, px }) => ({
    tree: station.tree,
    top: total - fromBottom - px / 2,
    bottom: total - fromBottom + px / 2,
  }))
  return { height: total, rows, trees: treesOf(bounds) }
}

function treesOf(
  bounds: readonly { tree: ProofStation['tree']; top: number; bottom: number }[],
): readonly DrawnTree[] {
  const trees: DrawnTree[] = []
  for (const { tree, top, bottom } of bounds) {
    if (tree === undefined) continue
    const last = trees.at(-1)
    if (last?.tree === tree) trees[trees.length - 1] = { ...last, top: top - CAPTION_PX }
    else trees.push({ tree, top: top - CAPTION_PX, bottom })
  }
  return trees
}

/** Keeps the ends of a tree's nodes; those between become one row. */
function folded(
  stations: readonly ProofStation[],
): { station: ProofStation; index: number; hidden?: number }[] {
  const counts = new Map<ProofStation['tree'], number>()
  for (const { look, tree } of stations) if (look === 'node') counts.set(tree, (counts.get(tree) ?? 0) + 1)
  const seen = new Map<ProofStation['tree'], number>()
  return stations.flatMap((station, index) => {
    const count = counts.get(station.tree) ?? 0
    if (station.look !== 'node' || count <= NODES_MAX) return [{ station, index }]
    const nth = seen.get(station.tree) ?? 0
    seen.set(station.tree, nth + 1)
    if (nth < NODES_KEPT_AT_EACH_END || nth >= count - NODES_KEPT_AT_EACH_END) return [{ station, index }]
    // The last of the hidden ones stands for all: when it is lit, they are.
    if (nth < count - NODES_KEPT_AT_EACH_END - 1) return []
    return [{ station, index, hidden: count - 2 * NODES_KEPT_AT_EACH_END }]
  })
}
