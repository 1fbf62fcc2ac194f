/** Where progress is shown: stderr, so that stdout holds the result alone. */
export interface ProgressOutput {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

/** Shows how far something has come. */
export interface Progress {
  update(done: number): void
  /** Ends it; on a terminal the bar disappears. */
  end(): void
}

/** Lines of a log are at least so far apart, bars are drawn at most so often. */
const LINE_INTERVAL_MS = 5_000
const BAR_INTERVAL_MS = 50

/** A bar on a terminal, a line every five seconds elsewhere. `what` is counted, e.g. `rows`. */
export function showProgress(
  output: ProgressOutput,
  total: number,
  what: string,
  now = () => Date.now(),
): Progress {
  const startedAt = now()
  let shownAt = startedAt
  const text = (done: number) => {
    const perSecond = Math.round((done * 1_000) / Math.max(1, now() - startedAt))
    return `${count(done)} of ${count(total)} ${what}, ${count(perSecond)}/s`
  }
  return {
    update(done) {
      const intervalMs = output.isTTY ? BAR_INTERVAL_MS : LINE_INTERVAL_MS
      if (now() - shownAt < intervalMs && !(output.isTTY && done === total)) return
      shownAt = now()
      output.write(
        output.isTTY ? `\r${bar(done, total, text(done), output.columns ?? 80)}` : `${text(done)}\n`,
      )
    },
    end() {
      if (output.isTTY) output.write(`\r${' '.repeat((output.columns ?? 80) - 1)}\r`)
    },
  }
}

/** A count as people read it: 1,234,567. */
export function count(value: number): string {
  return value.toLocaleString('en-US')
}

function bar(done: number, total: number, text: string, columns: number): string {
  const width = Math.max(0, Math.min(40, columns - text.length - 4))
  const filled = Math.round((width * done) / Math.max(1, total))
  return `${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${text}`
    .padEnd(columns - 1)
    .slice(0, columns - 1)
}
