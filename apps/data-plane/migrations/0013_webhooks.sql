-- Places where a tenant's events are sent. Belongs to the plane, as everything about its events does.
create table webhook_endpoint (
  tenant_id int not null references tenant,
  id text not null unique,
  url text not null,
  -- Null: all, also those to come.
  events text[],
  description text,
  active boolean not null default true,
  created_at timestamptz not null,
  deleted_at timestamptz,
  disabled_reason text check (disabled_reason in ('gone', 'failing')),
  disabled_at timestamptz,
  -- AES-256-GCM under the webhook key, bound to the endpoint. Null once it is deleted.
  sealed_secret bytea,
  -- The secret before the present one; it signs as well until then.
  sealed_old_secret bytea,
  old_secret_until timestamptz,
  primary key (tenant_id, id),
  check (deleted_at is not null or sealed_secret is not null),
  check ((sealed_old_secret is null) = (old_secret_until is null))
);

grant select, insert, update on webhook_endpoint to pacspace_api;
grant select, update on webhook_endpoint to pacspace_worker;

-- How far an endpoint is in its tenant's log: every event of the entries below next_index has been attempted at least
-- once and has its row in webhook_delivery. Moves with every batch, so it stands apart from the settings.
create table webhook_cursor (
  tenant_id int not null,
  endpoint_id text not null,
  next_index bigint not null check (next_index >= 0),
  -- The first failure since the last success.
  failing_since timestamptz,
  -- The worker that delivers, and until when it may without saying so again; by the database's clock.
  claimed_by uuid,
  claimed_until timestamptz,
  primary key (tenant_id, endpoint_id),
  foreign key (tenant_id, endpoint_id) references webhook_endpoint
) with (fillfactor = 20);

create index webhook_cursor_failing on webhook_cursor (failing_since) where failing_since is not null;

grant select, insert, update on webhook_cursor to pacspace_api;
grant select, update on webhook_cursor to pacspace_worker;

-- One event on its way to one endpoint. Written with its first attempt, and before it only where something else than a
-- log entry is told (a test, a damaged delta). Rendered from the log whenever it is sent.
create table webhook_delivery (
  tenant_id int not null,
  event_id text not null,
  endpoint_id text not null,
  event text not null,
  -- The log entry that it tells of.
  log_index bigint,
  -- The whole body, of an event that tells of no log entry.
  body text,
  -- The event's own time.
  created_at timestamptz not null,
  state text not null check (state in ('pending', 'delivered', 'failed', 'exhausted')),
  attempt_count int not null default 0,
  -- [{attempt, attemptedAt, status, latencyMs, error, responseExcerpt}], the newest 50.
  attempts jsonb not null default '[]',
  -- Steps of the retry schedule used since it began, or began anew by a replay.
  retries_used int not null default 0,
  next_attempt_at timestamptz,
  -- When somebody asked for it, or it was made without a log entry: listeners get it from here.
  requested_at timestamptz,
  -- Part of a recovery: sent one after the other, in the order of the log.
  in_order boolean not null default false,
  primary key (tenant_id, event_id, endpoint_id),
  foreign key (tenant_id, endpoint_id) references webhook_endpoint,
  check ((log_index is null) <> (body is null))
) with (fillfactor = 80);

create index webhook_delivery_listed on webhook_delivery (tenant_id, created_at desc, event_id);
create index webhook_delivery_of_entry on webhook_delivery (tenant_id, endpoint_id, log_index);
create index webhook_delivery_due on webhook_delivery (tenant_id, endpoint_id, next_attempt_at)
  where next_attempt_at is not null;
create index webhook_delivery_requested on webhook_delivery (tenant_id, requested_at) where requested_at is not null;

grant select, insert, update on webhook_delivery to pacspace_api, pacspace_worker;

-- What event ids are derived with: 32 random bytes for each tenant, so that an id says nothing and stays the same
-- whatever other key changes.
create table webhook_source (
  tenant_id int primary key references tenant,
  event_key bytea not null check (octet_length(event_key) = 32)
);

grant select, insert on webhook_source to pacspace_api;
grant select on webhook_source to pacspace_worker;

-- What the owner of an endpoint must be told by mail. The control plane, which owns mail, asks for these and says when
-- they are in its outbox.
create table webhook_notice (
  notice_no bigint generated always as identity primary key,
  tenant_id int not null,
  endpoint_id text not null,
  reason text not null check (reason in ('gone', 'failing')),
  created_at timestamptz not null,
  told_at timestamptz,
  foreign key (tenant_id, endpoint_id) references webhook_endpoint
);

create index webhook_notice_untold on webhook_notice (notice_no) where told_at is null;

grant select, update on webhook_notice to pacspace_api;
grant insert on webhook_notice to pacspace_worker;
