import type { TestDataPlane } from './test-data-plane.ts'

/** What the database's function reads the time by, or what stands there since. */
const CLOCK = /clock_timestamp\(\)(?: \+ interval '[^']+')?|timestamptz '[^']+'/

/**
 * Stops both clocks of a plane, the process's and its database's, at an instant (ISO 8601), as far as appends see them:
 * the database's inside `lock_log`, which the test's owner replaces by one that answers this instant.
 */
export async function stopTimeAt(plane: TestDataPlane, instant: string): Promise<void> {
  plane.clock.offsetMs = Date.parse(instant) - Date.now()
  await replaceDatabaseClock(plane, `timestamptz '${instant}'`)
}

/** Sets the clock of a plane's database, as far as appends see it: so many milliseconds ahead of the real time. */
export async function moveDatabaseClock(plane: TestDataPlane, offsetMs: number): Promise<void> {
  await replaceDatabaseClock(plane, `clock_timestamp() + interval '${offsetMs} milliseconds'`)
}

async function replaceDatabaseClock(plane: TestDataPlane, clock: string): Promise<void> {
  const { rows } = await plane.owner.query<{ definition: string }>(
    `select pg_get_functiondef('lock_log'::regproc) as definition`,
  )
  const definition = rows[0]?.definition ?? ''
  if (!CLOCK.test(definition)) throw new Error('lock_log reads no clock')
  await plane.owner.query(definition.replace(CLOCK, clock))
}
