import type { Rows, Statement } from '@pacspace/service/postgres'
import type { Actor } from '@pacspace/testing/simulation/scheduler'
import {
  type RealConnections,
  type SimulatedDatabase,
  SimulatedPool,
} from '@pacspace/testing/simulation/simulated-pool'

/** Lists of everything that a plane holds: of other runs too, whose anchors are gone. */
const OF_ALL = new Set(['fsck_select_logless', 'fsck_select_orphans'])

/** A pool whose lists of logs hold one run's log: runs share a database. All else is as it is. */
export class OwnLogPool extends SimulatedPool {
  readonly #tenantNo: () => number

  constructor(
    database: SimulatedDatabase,
    actor: Actor,
    real: RealConnections,
    max: number,
    tenantNo: () => number,
  ) {
    super(database, actor, real, max)
    this.#tenantNo = tenantNo
  }

  override async query<Row>(statement: Statement, values?: readonly unknown[]): Promise<Rows<Row>> {
    const name = typeof statement === 'string' ? statement : statement.name
    if (OF_ALL.has(name)) return { rows: [], rowCount: 0 }
    const found = await super.query<Row>(statement, values)
    if (name !== 'fsck_select_logs') return found
    const rows = found.rows.filter((row) => Reflect.get(Object(row), 'tenant_id') === this.#tenantNo())
    return { rows, rowCount: rows.length }
  }
}
