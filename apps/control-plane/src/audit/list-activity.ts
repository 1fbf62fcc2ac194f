import { listActivity as definition } from '@pacspace/api/definition/activity'
import { implement } from '../context.ts'
import { type ActivityFilter, type ActivityRow, countEntries, listEntries } from './audit.sql.ts'

/** What was done in the caller's tenant, newest first, a page at a time. Any role. */
export const listActivity = implement(definition, async ({ principal, input }, { db }) => {
  const { page = 1, limit = 25, action, actor, target, environment, startDate, endDate } = input.query
  const filter: ActivityFilter = {
    tenantId: principal.tenantId,
    action: action ?? null,
    actorId: actor ?? null,
    target: target ?? null,
    environment: environment ?? null,
    from: startDate ?? null,
    until: endDate ?? null,
  }
  const [rows, total] = await Promise.all([
    listEntries(db, filter, { limit, offset: (page - 1) * limit }),
    countEntries(db, filter),
  ])
  return {
    items: rows.map(itemOf),
    pagination: { total, page, limit, totalPages: Math.ceil(total / limit) },
  }
})

function itemOf(row: ActivityRow) {
  const { id, action, actorKind, actorId, actorName, target, environment, details } = row
  const { address, requestId, createdAt, logIndex } = row
  return {
    id,
    action,
    actor: { kind: actorKind, id: actorId, name: actorName },
    target,
    environment,
    details,
    address,
    requestId,
    createdAt,
    logIndex,
  }
}
