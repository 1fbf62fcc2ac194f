import type { Environment } from '@pacspace/api/environment'
import type { ProblemCode } from '@pacspace/api/problem'
import { type Timestamp, timestampOf } from '@pacspace/api/timestamp'
import type { Connection } from '@pacspace/service/postgres'
import {
  type CommitContext,
  type Decision,
  groupTurns,
  type LockedLog,
  onlyUnit,
  type UnitKind,
} from '../ledger/front-door.ts'
import { insertCustomerCreated, selectEventSource } from '../webhooks/front-door.ts'
import type { CustomerOutcome, CustomerUnit } from './customer-unit.ts'
import { insertProfile, selectIsTaken, selectProfile } from './profiles.sql.ts'

/**
 * How customers are created: each in a commit of its own, under the log's lock, so that a customer is either created or
 * begins with its first delta, never both, and `customer.created` is told once. The log itself does not grow. The event's
 * deliveries are rows of the same transaction: a customer without them never stands.
 */
export function customerKind(
  context: CommitContext,
  environment: Environment,
): UnitKind<CustomerUnit, CustomerOutcome> {
  return {
    rowsOf: () => 1,
    groupRowsMax: 1,
    open: groupTurns(context, (tenantNo) => ({
      read: async () => undefined,
      decide: (connection, log, now, parts) =>
        decide({ context, environment, connection, tenantNo }, log, now, onlyUnit(parts)),
    })),
  }
}

interface Deciding {
  readonly context: CommitContext
  readonly environment: Environment
  readonly connection: Connection
  readonly tenantNo: number
}

async function decide(
  { context, environment, connection, tenantNo }: Deciding,
  log: LockedLog,
  createdAt: Timestamp,
  unit: CustomerUnit,
): Promise<Decision<CustomerOutcome>> {
  if (!log.writes_allowed) return refused('PLAN_UPGRADE_REQUIRED')
  const [isTaken, source] = await connection.together(() =>
    Promise.all([
      selectIsTaken(connection, tenantNo, unit.customerId),
      selectEventSource(connection, tenantNo),
    ]),
  )
  if (isTaken) return refused('CUSTOMER_EXISTS')
  const created = { environment, createdAt, now: timestampOf(context.clock.now()), ...unit }
  return {
    outcomes: [{ kind: 'done', createdAt }],
    write: {
      rowCount: 0,
      issue: (db) => {
        const profile = insertProfile(db, tenantNo, unit, createdAt)
        // Nobody has ever asked for events: there is nobody to tell.
        return source === undefined
          ? [profile]
          : [profile, insertCustomerCreated(db, tenantNo, source, created)]
      },
      isThere: async (db) => {
        const stored = await selectProfile(db, tenantNo, unit.customerId)
        return stored?.createdAt === createdAt && stored.displayName === unit.displayName
      },
    },
  }
}

function refused(code: ProblemCode): Decision<CustomerOutcome> {
  return { outcomes: [{ kind: 'refused', code }], write: null }
}
