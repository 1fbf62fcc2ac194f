/** Log index of the newest of some deltas that stand newest first; -1 for none. */
export function newestIndex(deltas: readonly { readonly anchorId: string }[]): number {
  const [newest] = deltas
  return newest === undefined ? -1 : Number(newest.anchorId.slice('a_'.length))
}

/** The time between two instants in seconds: `0.41 s`. */
export function secondsText(fromIso: string, toIso: string): string {
  return `${((Date.parse(toIso) - Date.parse(fromIso)) / 1_000).toFixed(2)} s`
}
