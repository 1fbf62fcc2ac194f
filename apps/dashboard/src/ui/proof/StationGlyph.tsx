import type { StationState } from './proof-stations.ts'

/** How a station is drawn: `computed` is one that holds while the whole is not verified, `waiting` one whose turn has not come. */
export type ShownState = Exclude<StationState, 'holds'> | 'waiting' | 'computed' | 'verified'

const RADIUS = { stop: 10, node: 6, side: 7 } as const

/** What screen readers hear, and the list says. */
export const shownWords: Readonly<Record<ShownState, string>> = {
  waiting: 'not computed yet',
  computed: 'computed',
  verified: 'verified',
  broken: 'does not hold',
  keyless: 'open: no trusted key',
  unreached: 'not reached',
  stated: 'as the server says',
}

/** A station's mark at a place: its state by form and sign, not by colour alone. */
export function StationGlyph({
  x,
  y,
  look,
  state,
}: {
  readonly x: number
  readonly y: number
  readonly look: keyof typeof RADIUS
  readonly state: ShownState
}) {
  const radius = RADIUS[look]
  return (
    <g transform={`translate(${x},${y})`} fill="none" strokeWidth="1.8" className="transition-colors">
      <Ring radius={radius} state={state} />
      {look !== 'node' && <Sign state={state} />}
    </g>
  )
}

function Ring({ radius, state }: { readonly radius: number; readonly state: ShownState }) {
  switch (state) {
    case 'verified':
      return <circle r={radius} className="fill-verified stroke-verified" />
    case 'broken':
      return <circle r={radius} className="fill-failed stroke-failed" />
    case 'computed':
      return <circle r={radius} className="fill-ink-soft stroke-ink-soft" />
    case 'keyless':
      return <circle r={radius} className="fill-surface stroke-pending" />
    case 'stated':
      return <circle r={radius} className="fill-surface stroke-verified" />
    case 'waiting':
      return <circle r={radius} className="fill-surface stroke-line-strong" />
    case 'unreached':
      return <circle r={radius} strokeDasharray="3 3" className="fill-surface stroke-line-strong" />
    default:
      return state satisfies never
  }
}

function Sign({ state }: { readonly state: ShownState }) {
  switch (state) {
    case 'verified':
    case 'computed':
      return <path d="m-4 .4 2.7 2.8L4.2-3" className="stroke-surface" />
    case 'broken':
      return <path d="m-3.4-3.4 6.8 6.8m0-6.8-6.8 6.8" className="stroke-surface" />
    case 'keyless':
      return (
        <text
          textAnchor="middle"
          dy="0.35em"
          stroke="none"
          className="fill-pending text-[13px] font-semibold"
        >
          ?
        </text>
      )
    case 'stated':
      return <circle r="3" className="fill-verified" />
    case 'waiting':
    case 'unreached':
      return null
    default:
      return state satisfies never
  }
}
