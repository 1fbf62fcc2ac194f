import { type BenchControlPlane, startBenchControlPlane } from './bench-control-plane.ts'
import { median, milliseconds, type Row } from './report.ts'
import type { Scenario } from './scenario.ts'

const TRIES = 200
const QUICK_TRIES = 40
/** How far the medians may be apart (checks ). */
const DIFFERENCE_MAX = 0.1
const PASSWORD = 'a long enough phrase 8'

/** Two calls whose answers must not say which of them was made. */
interface Pair {
  readonly name: string
  readonly path: string
  /** `email`: of an account, or of nobody. */
  readonly body: (email: string) => object
}

const PAIRS: readonly Pair[] = [
  {
    name: 'log-in, wrong password: known against unknown e-mail',
    path: '/dashboard/auth/login',
    body: (email) => ({ email, password: PASSWORD }),
  },
  {
    name: 'password reset: known against unknown e-mail',
    path: '/dashboard/auth/request-password-reset',
    body: (email) => ({ email }),
  },
  {
    name: 'registration: taken against free e-mail',
    path: '/dashboard/auth/register',
    body: (email) => ({
      email,
      password: PASSWORD,
      firstName: 'Ada',
      lastName: 'Bench',
      companyName: 'Engines',
    }),
  },
]

/** What the time of an answer says of an address: the medians of both kinds, asked in turn, each address once. */
export const equalTimeScenario: Scenario = {
  name: 'equal-times',
  run: async (_bench, effort) => {
    const tries = effort.judges ? TRIES : QUICK_TRIES
    await using control = await startBenchControlPlane(tries)
    const rows: Row[] = []
    for (const pair of PAIRS) {
      const times = await timesOf(control, pair, tries)
      const ratio = median(times.known) / median(times.unknown)
      rows.push({
        name: pair.name,
        figure: `medians ${milliseconds(median(times.known))} against ${milliseconds(median(times.unknown))}`,
        ratio,
        bar: '90–110 %',
        reached: effort.judges ? Math.abs(ratio - 1) <= DIFFERENCE_MAX : null,
        details: times,
      })
    }
    return rows
  },
}

async function timesOf(control: BenchControlPlane, { path, body }: Pair, tries: number) {
  const times = { known: [] as number[], unknown: [] as number[] }
  for (let n = 0; n < tries; n++) {
    const calls = [
      { kind: 'known', email: control.emailOf(n) },
      { kind: 'unknown', email: `nobody${n}${path.length}@bench.example` },
    ] as const
    // Each kind comes first as often: what a call leaves behind is done while the next one runs.
    for (const { kind, email } of n % 2 === 0 ? calls : calls.toReversed()) {
      const startedAt = performance.now()
      await control.post(path, body(email), `198.18.${n >> 8}.${n & 255}`)
      times[kind].push(performance.now() - startedAt)
    }
  }
  return times
}
