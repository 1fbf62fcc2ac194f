import { type Connection, createPool, type Pool } from '@pacspace/service/postgres'
import { RealConnections } from '@pacspace/testing/simulation/simulated-pool'
import { API_ROLE, WORKER_ROLE } from '../../data-plane.ts'
import { createTestStore, removeTestStore } from '../test-data-plane.ts'

/** Enough for every connection that a run may hold at once. */
const CONNECTIONS = 8
/** What the database's clock is in a run. */
export const NOW_SETTING = 'pacspace.now'

/** A real database that runs share, each with a tenant of its own, and its connections by role. */
export interface SimulationStore extends AsyncDisposable {
  readonly owner: Pool
  /** Not simulated: for what happens before a run. */
  readonly worker: Pool
  readonly apiConnections: RealConnections
  readonly workerConnections: RealConnections
}

/** Makes one; its `lock_log` reads the run's clock. */
export async function openSimulationStore(): Promise<SimulationStore> {
  const store = await createTestStore()
  const { url } = store.database
  const pool = (role: string | undefined, max: number) =>
    createPool({ url, applicationName: 'simulation', max, ...(role === undefined ? {} : { role }) })
  const pools = {
    owner: pool(undefined, 2),
    api: pool(API_ROLE, CONNECTIONS),
    worker: pool(WORKER_ROLE, CONNECTIONS + 2),
  }
  await readTimeFromSetting(pools.owner)
  await planOnce(pools.owner)
  const held: Connection[] = []
  const take = async (of: Pool) => {
    const connections = await Promise.all(Array.from({ length: CONNECTIONS }, () => of.connect()))
    held.push(...connections)
    return new RealConnections(connections)
  }
  return {
    owner: pools.owner,
    worker: pools.worker,
    apiConnections: await take(pools.api),
    workerConnections: await take(pools.worker),
    async [Symbol.asyncDispose]() {
      for (const connection of held) connection.release(true)
      await Promise.all(Object.values(pools).map((each) => each.end()))
      await removeTestStore(store)
    },
  }
}

async function readTimeFromSetting(owner: Pool): Promise<void> {
  const { rows } = await owner.query<{ definition: string }>(
    `select pg_get_functiondef('lock_log'::regproc) as definition`,
  )
  const definition = rows[0]?.definition ?? ''
  const simulated = definition.replace('clock_timestamp()', `current_setting('${NOW_SETTING}')::timestamptz`)
  if (simulated === definition) throw new Error('lock_log reads no clock_timestamp()')
  await owner.query(simulated)
}

/** The same statements run thousands of times over tables of few rows: connections made from now on plan each once. */
async function planOnce(owner: Pool): Promise<void> {
  await owner.query(`do $$ begin
    execute format('alter database %I set plan_cache_mode = force_generic_plan', current_database());
  end $$`)
}
