import { startBenchControlPlane } from './bench-control-plane.ts'
import { median, milliseconds, type Row, whole } from './report.ts'
import { drain, planOf, type Scenario } from './scenario.ts'

const PEOPLE = 50
/** A plane that has work, and is not at its limit: there every neighbour would be felt. */
const EMITS_PER_SECOND = 500
const CONNECTIONS = 16
const P99_RATIO_MAX = 1.2
const WARM_UP_SECONDS = 2

/**
 * Emits at a fixed rate, alone and with people who log in without a pause, in turn. Passwords are hashed in the control
 * plane's process, off its event loop, on a thread for each core but one; what they share with the ledger is the machine.
 */
export const loginScenario: Scenario = {
  name: 'logins',
  run: async (bench, effort) => {
    const { key } = await bench.newTenant()
    await using control = await startBenchControlPlane(PEOPLE)
    const emit = async (seconds: number) => {
      const changes = { connections: CONNECTIONS, requestsPerSecond: EMITS_PER_SECOND, seconds }
      return await bench.load(planOf(bench, [key], changes))
    }
    await emit(WARM_UP_SECONDS)
    await control.whileLoggingIn(() => emit(WARM_UP_SECONDS))
    const p99Ms = { alone: [] as number[], beside: [] as number[] }
    const logInsPerSecond: number[] = []
    for (let round = 0; round < effort.rounds; round++) {
      await drain(bench)
      p99Ms.alone.push((await emit(effort.burstSeconds)).p99Ms)
      const { result, logIns } = await control.whileLoggingIn(() => emit(effort.burstSeconds))
      p99Ms.beside.push(result.p99Ms)
      logInsPerSecond.push(logIns / result.seconds)
    }
    const ratio = median(p99Ms.beside) / median(p99Ms.alone)
    const row: Row = {
      name: `emits at ${whole(EMITS_PER_SECOND)}/s beside ${PEOPLE} parallel log-ins`,
      figure:
        `p99 ${milliseconds(median(p99Ms.beside))} against ${milliseconds(median(p99Ms.alone))} alone; ` +
        `${whole(median(logInsPerSecond))} log-ins/s`,
      ratio,
      bar: '≤ 120 %',
      reached: effort.judges ? ratio <= P99_RATIO_MAX : null,
      details: { p99Ms, logInsPerSecond },
    }
    return [row]
  },
}
