import type { EventId, TenantId, WebhookId } from '@pacspace/api/id'
import type { Timestamp } from '@pacspace/api/timestamp'
import type { WebhookEventType } from '@pacspace/api/webhook-event'
import type { Db } from '@pacspace/service/postgres'
import type { AttemptRecord, DeliveryState } from './webhooks.sql.ts'

/** An endpoint that a worker delivers to. */
export interface Claim {
  readonly tenant_id: number
  readonly endpoint_id: WebhookId
}

/**
 * Claims endpoints that have something to be sent and no worker, those that waited longest first. A claim is a lease, not
 * a lock held while receivers take their time: it ends `leaseMs` after it was last renewed, by the database's clock, so
 * what a dead worker held is taken over. Locks the cursors with SKIP LOCKED for this statement only.
 */
export async function claimEndpoints(
  db: Db,
  worker: {
    readonly workerId: string
    readonly leaseMs: number
    readonly now: Timestamp
    readonly limit: number
  },
): Promise<Claim[]> {
  const { rows } = await db.query<Claim>(
    {
      name: 'claim_webhook_endpoints',
      text: `with due as (
               select c.tenant_id, c.endpoint_id
                 from webhook_cursor c
                 join webhook_endpoint e on e.tenant_id = c.tenant_id and e.id = c.endpoint_id
                where e.active and (c.claimed_until is null or c.claimed_until < clock_timestamp())
                  and (c.next_index < coalesce((select v.size from verified_head v where v.tenant_id = c.tenant_id), 0)
                       or exists (select from webhook_delivery d
                                   where d.tenant_id = c.tenant_id and d.endpoint_id = c.endpoint_id
                                     and d.next_attempt_at <= $3))
                order by c.claimed_until nulls first
                limit $4
                for update of c skip locked
             )
             update webhook_cursor c
                set claimed_by = $1, claimed_until = clock_timestamp() + make_interval(secs => $2::float8 / 1000)
               from due
              where c.tenant_id = due.tenant_id and c.endpoint_id = due.endpoint_id
          returning c.tenant_id, c.endpoint_id`,
    },
    [worker.workerId, worker.leaseMs, worker.now, worker.limit],
  )
  return rows
}

/** Renews every claim of a worker. */
export async function renewClaims(db: Db, workerId: string, leaseMs: number): Promise<void> {
  await db.query(
    {
      name: 'renew_webhook_claims',
      text: `update webhook_cursor
                set claimed_until = clock_timestamp() + make_interval(secs => $2::float8 / 1000)
              where claimed_by = $1`,
    },
    [workerId, leaseMs],
  )
}

/** Verified entries that the active endpoint furthest behind has yet to be sent. One row for each endpoint is read. */
export async function selectLag(db: Db): Promise<number> {
  const { rows } = await db.query<{ lag: number }>({
    name: 'select_webhook_lag',
    text: `select coalesce(max(v.size - c.next_index), 0) as lag
             from webhook_cursor c
             join webhook_endpoint e on e.tenant_id = c.tenant_id and e.id = c.endpoint_id and e.active
             join verified_head v on v.tenant_id = c.tenant_id`,
  })
  return rows[0]?.lag ?? 0
}

/** What a worker must know of an endpoint that it has claimed. */
export interface ClaimedEndpoint {
  readonly url: string
  readonly events: WebhookEventType[] | null
  readonly sealed_secret: Buffer
  readonly sealed_old_secret: Buffer | null
  readonly old_secret_until: Timestamp | null
  readonly next_index: number
  readonly verified_size: number
  readonly is_failing: boolean
}

/** A claimed endpoint as it stands now; undefined when the claim is lost or the endpoint is not active any more. */
export async function selectClaimed(
  db: Db,
  claim: Claim,
  workerId: string,
): Promise<ClaimedEndpoint | undefined> {
  const { rows } = await db.query<ClaimedEndpoint>(
    {
      name: 'select_claimed_webhook',
      text: `select e.url, e.events, e.sealed_secret, e.sealed_old_secret, e.old_secret_until, c.next_index,
                    coalesce(v.size, 0) as verified_size, c.failing_since is not null as is_failing
               from webhook_cursor c
               join webhook_endpoint e on e.tenant_id = c.tenant_id and e.id = c.endpoint_id
               left join verified_head v on v.tenant_id = c.tenant_id
              where c.tenant_id = $1 and c.endpoint_id = $2 and c.claimed_by = $3 and e.active`,
    },
    [claim.tenant_id, claim.endpoint_id, workerId],
  )
  return rows[0]
}

/** Events of entries at or after the cursor that were attempted already: not to be sent again by the way of the log. */
export async function selectAttempted(db: Db, claim: Claim, fromIndex: number): Promise<EventId[]> {
  const { rows } = await db.query<{ event_id: EventId }>(
    {
      name: 'select_webhook_attempted',
      text: `select event_id from webhook_delivery
              where tenant_id = $1 and endpoint_id = $2 and log_index >= $3`,
    },
    [claim.tenant_id, claim.endpoint_id, fromIndex],
  )
  return rows.map((row) => row.event_id)
}

/** A delivery whose time has come. */
export interface DueDelivery {
  readonly event_id: EventId
  readonly event: WebhookEventType
  readonly log_index: number | null
  readonly body: string | null
  readonly created_at: Timestamp
  readonly attempt_count: number
  readonly retries_used: number
  readonly requested_at: Timestamp | null
  readonly in_order: boolean
}

/** Deliveries that are due, oldest need first; of one recovery, in the order of the log. Partial index. */
export async function selectDue(db: Db, claim: Claim, now: Timestamp, limit: number): Promise<DueDelivery[]> {
  const { rows } = await db.query<DueDelivery>(
    {
      name: 'select_webhook_due',
      text: `select event_id, event, log_index, body, created_at, attempt_count, retries_used, requested_at, in_order
               from webhook_delivery
              where tenant_id = $1 and endpoint_id = $2 and next_attempt_at <= $3
              order by next_attempt_at, log_index, created_at
              limit $4`,
    },
    [claim.tenant_id, claim.endpoint_id, now, limit],
  )
  return rows
}

/** What one attempt has made of its delivery. */
export interface AttemptedDelivery {
  readonly eventId: EventId
  readonly event: WebhookEventType
  readonly logIndex: number | null
  readonly body: string | null
  readonly createdAt: Timestamp
  readonly state: DeliveryState
  readonly retriesUsed: number
  readonly nextAttemptAt: Timestamp | null
  /** As it was read: somebody may ask for a replay while the attempt runs. */
  readonly requestedAt: Timestamp | null
  readonly attempt: AttemptRecord
}

/**
 * Keeps attempts: the first of an event makes its row. What was asked for while the attempt ran stays asked for; a
 * delivery that arrived stays delivered whatever a needless second attempt met. Primary key.
 */
export async function upsertAttempts(
  db: Db,
  claim: Claim,
  attempted: readonly AttemptedDelivery[],
): Promise<void> {
  await db.query(
    {
      name: 'upsert_webhook_attempts',
      text: `insert into webhook_delivery as d
               (tenant_id, endpoint_id, event_id, event, log_index, body, created_at, state, retries_used,
                next_attempt_at, requested_at, attempt_count, attempts)
             select $1, $2, a.event_id, a.event, a.log_index, a.body, a.created_at, a.state, a.retries_used,
                    a.next_attempt_at, a.requested_at, a.attempt_count, jsonb_build_array(a.attempt)
               from unnest($3::text[], $4::text[], $5::bigint[], $6::text[], $7::timestamptz[], $8::text[], $9::int[],
                           $10::timestamptz[], $11::timestamptz[], $12::int[], $13::jsonb[])
                    as a (event_id, event, log_index, body, created_at, state, retries_used, next_attempt_at,
                          requested_at, attempt_count, attempt)
             on conflict (tenant_id, event_id, endpoint_id) do update
                set attempt_count = greatest(d.attempt_count + 1, excluded.attempt_count),
                    attempts = case when jsonb_array_length(d.attempts) < 50 then d.attempts else d.attempts - 0 end
                               || excluded.attempts,
                    state = case when d.state = 'delivered' or d.requested_at is distinct from excluded.requested_at
                                 then d.state else excluded.state end,
                    next_attempt_at = case when d.state = 'delivered'
                                             or d.requested_at is distinct from excluded.requested_at
                                           then d.next_attempt_at else excluded.next_attempt_at end,
                    retries_used = case when d.requested_at is distinct from excluded.requested_at
                                        then d.retries_used else excluded.retries_used end,
                    in_order = d.in_order and d.requested_at is distinct from excluded.requested_at`,
    },
    [
      claim.tenant_id,
      claim.endpoint_id,
      attempted.map((one) => one.eventId),
      attempted.map((one) => one.event),
      attempted.map((one) => one.logIndex),
      attempted.map((one) => one.body),
      attempted.map((one) => one.createdAt),
      attempted.map((one) => one.state),
      attempted.map((one) => one.retriesUsed),
      attempted.map((one) => one.nextAttemptAt),
      attempted.map((one) => one.requestedAt),
      attempted.map((one) => one.attempt.attempt),
      attempted.map((one) => JSON.stringify(one.attempt)),
    ],
  )
}

/** How the cursor of a claimed endpoint moves. */
export interface CursorMove {
  readonly nextIndex: number
  /** A success ended whatever was failing. */
  readonly hasSucceeded: boolean
  /** The first failure after that success, or the first of these. */
  readonly failedAt: Timestamp | null
  /** The claim is given back; `leaseMs` then says for how long nobody is to take it. */
  readonly release: boolean
  readonly leaseMs: number
}

/** Moves the cursor, renewing or releasing the claim. False when the claim is lost: another worker has gone on. */
export async function moveCursor(db: Db, claim: Claim, workerId: string, move: CursorMove): Promise<boolean> {
  const { rowCount } = await db.query(
    {
      name: 'move_webhook_cursor',
      text: `update webhook_cursor
                set next_index = greatest(next_index, $4),
                    failing_since = coalesce(case when $5 then null else failing_since end, $6),
                    claimed_by = case when $7 then null else claimed_by end,
                    claimed_until = clock_timestamp() + make_interval(secs => $8::float8 / 1000)
              where tenant_id = $1 and endpoint_id = $2 and claimed_by = $3`,
    },
    [
      claim.tenant_id,
      claim.endpoint_id,
      workerId,
      move.nextIndex,
      move.hasSucceeded,
      move.failedAt,
      move.release,
      move.leaseMs,
    ],
  )
  return rowCount > 0
}

/** Disables an endpoint whose receiver is gone: what waits is given up, its owner is to be told. One statement. */
export async function disableGone(db: Db, claim: Claim, now: Timestamp): Promise<void> {
  await db.query(
    {
      name: 'disable_webhook_gone',
      text: `with disabled as (
               update webhook_endpoint set active = false, disabled_reason = 'gone', disabled_at = $3
                where tenant_id = $1 and id = $2 and active
               returning tenant_id, id
             ), given_up as (
               update webhook_delivery d set state = 'exhausted', next_attempt_at = null
                 from disabled
                where d.tenant_id = disabled.tenant_id and d.endpoint_id = disabled.id
                  and d.next_attempt_at is not null
             )
             insert into webhook_notice (tenant_id, endpoint_id, reason, created_at)
             select tenant_id, id, 'gone', $3 from disabled`,
    },
    [claim.tenant_id, claim.endpoint_id, now],
  )
}

/** Disables every endpoint that has met nothing but failures since `since` or before. Partial index on failing_since. */
export async function disableFailing(db: Db, since: Timestamp, now: Timestamp): Promise<number> {
  const { rowCount } = await db.query(
    {
      name: 'disable_webhook_failing',
      text: `with disabled as (
               update webhook_endpoint e set active = false, disabled_reason = 'failing', disabled_at = $2
                 from webhook_cursor c
                where c.failing_since <= $1 and e.tenant_id = c.tenant_id and e.id = c.endpoint_id and e.active
               returning e.tenant_id, e.id
             ), given_up as (
               update webhook_delivery d set state = 'exhausted', next_attempt_at = null
                 from disabled
                where d.tenant_id = disabled.tenant_id and d.endpoint_id = disabled.id
                  and d.next_attempt_at is not null
             )
             insert into webhook_notice (tenant_id, endpoint_id, reason, created_at)
             select tenant_id, id, 'failing', $2 from disabled`,
    },
    [since, now],
  )
  return rowCount
}

export interface UntoldFailure {
  readonly tenant_id: number
  readonly tenant_public_id: TenantId
  readonly event_key: Buffer
  readonly endpoint_id: WebhookId
  readonly first_failed_index: number
  readonly discrepancies: readonly string[]
  readonly found_at: Timestamp
  readonly record_nonce: Buffer
  readonly customer_id: string
  readonly amount: string
  readonly reason: string
  readonly reference_id: string | null
}

/**
 * Damaged deltas, each with every active endpoint that wants to hear of them. Small: a row of verify_state is an alarm.
 */
export async function selectFailures(db: Db, event: WebhookEventType): Promise<UntoldFailure[]> {
  const { rows } = await db.query<UntoldFailure>(
    {
      name: 'select_webhook_failures',
      text: `select v.tenant_id, t.public_id as tenant_public_id, s.event_key, e.id as endpoint_id,
                    v.first_failed_index, v.discrepancies, v.found_at, d.record_nonce, d.customer_id, d.amount,
                    d.reason, d.reference_id
               from verify_state v
               join tenant t on t.id = v.tenant_id
               join webhook_source s on s.tenant_id = v.tenant_id
               join webhook_endpoint e on e.tenant_id = v.tenant_id and e.active
                                      and (e.events is null or $1 = any(e.events))
               join stored_delta d on d.tenant_id = v.tenant_id and d.log_index = v.first_failed_index
              where v.first_failed_index is not null`,
    },
    [event],
  )
  return rows
}

/** Keeps an event that tells of no verified entry, due at once; kept before, it stays as it is. True when it is new. */
export async function insertOnce(
  db: Db,
  event: {
    readonly tenantNo: number
    readonly endpointId: WebhookId
    readonly eventId: EventId
    readonly type: WebhookEventType
    readonly body: string
    readonly createdAt: Timestamp
    readonly now: Timestamp
  },
): Promise<boolean> {
  const { rowCount } = await db.query(
    {
      name: 'insert_webhook_event_once',
      text: `insert into webhook_delivery (tenant_id, event_id, endpoint_id, event, body, created_at, state,
                                           next_attempt_at, requested_at)
             values ($1, $2, $3, $4, $5, $6, 'pending', $7, $7)
             on conflict (tenant_id, event_id, endpoint_id) do nothing`,
    },
    [event.tenantNo, event.eventId, event.endpointId, event.type, event.body, event.createdAt, event.now],
  )
  return rowCount > 0
}

/**
 * Keeps an event that tells of no log entry, due at once, for each endpoint of a tenant that wants it and is not deleted;
 * one that is disabled is sent it when it is enabled again. Nobody requested it: listeners hear of it by another way.
 */
export async function insertForAll(
  db: Db,
  event: {
    readonly tenantNo: number
    readonly eventId: EventId
    readonly type: WebhookEventType
    readonly body: string
    readonly createdAt: Timestamp
    readonly now: Timestamp
  },
): Promise<void> {
  await db.query(
    {
      name: 'insert_webhook_event_for_all',
      text: `insert into webhook_delivery (tenant_id, event_id, endpoint_id, event, body, created_at, state,
                                           next_attempt_at)
             select $1, $2, e.id, $3, $4, $5, 'pending', $6
               from webhook_endpoint e
              where e.tenant_id = $1 and e.deleted_at is null and (e.events is null or $3 = any (e.events))`,
    },
    [event.tenantNo, event.eventId, event.type, event.body, event.createdAt, event.now],
  )
}
