import type { TestDataPlane } from './test-data-plane.ts'

/** What the database's function reads the time by. */
const REAL_CLOCK = 'clock_timestamp()'

/**
 * Stops both clocks of a plane, the process's and its database's, at an instant (ISO 8601), as far as appends see them:
 * the database's inside `lock_log`, which the test's owner replaces by one that answers this instant.
 */
export async function stopTimeAt(plane: TestDataPlane, instant: string): Promise<void> {
  plane.clock.offsetMs = Date.parse(instant) - Date.now()
  const { rows } = await plane.owner.query<{ definition: string }>(
    `select pg_get_functiondef('lock_log'::regproc) as definition`,
  )
  const definition = rows[0]?.definition ?? ''
  const stopped = definition.replace(/clock_timestamp\(\)|timestamptz '[^']+'/, `timestamptz '${instant}'`)
  if (!stopped.includes(instant)) throw new Error(`lock_log reads no ${REAL_CLOCK}`)
  await plane.owner.query(stopped)
}
