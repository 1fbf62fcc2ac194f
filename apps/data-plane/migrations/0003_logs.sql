-- One RFC 6962 log per tenant, with a name and a key of its own (product.md §5.6, §5.7).
create table log (
  tenant_id int primary key references tenant,
  -- 128 random bits, hex: the public name of the log says nothing about the tenant.
  log_id text not null unique,
  origin text not null unique,
  public_key bytea not null check (octet_length(public_key) = 32),
  created_at timestamptz not null
);

grant select on log to pacspace_api;
grant select, insert on log to pacspace_worker;

-- The log's Ed25519 private key, AES-256-GCM under the master key. Only the worker may read it, and only the worker
-- is given the master key.
create table log_key (
  tenant_id int primary key references log,
  sealed_key bytea not null
);

grant select, insert on log_key to pacspace_worker;

-- How far a log is written. Locking this row is the right to append to the tenant's log.
create table log_head (
  tenant_id int primary key references log,
  size bigint not null check (size >= 0),
  -- Deltas among the entries: what an allowance counts.
  delta_count bigint not null check (delta_count >= 0),
  customer_count int not null check (customer_count >= 0),
  last_created_at timestamptz not null,
  -- Random, new with each commit: a process whose memory of the log carries the same mark knows that nobody wrote since.
  append_mark bigint not null
) with (fillfactor = 20);

grant select, update on log_head to pacspace_api;
grant select, insert on log_head to pacspace_worker;

-- How far a log is recomputed and integrated into its tree. Written by the recompute step only.
create table tree_head (
  tenant_id int primary key references log,
  size bigint not null check (size >= 0),
  root bytea not null check (octet_length(root) = 32),
  -- Compact range of the tree: 32 bytes for each bit set in size, largest subtree first.
  peaks bytea not null
) with (fillfactor = 20);

grant select on tree_head to pacspace_api;
grant select, insert, update on tree_head to pacspace_worker;

-- How far a log is verified: recomputed, signed, anchored and read back. Written by the confirm step only.
create table verified_head (
  tenant_id int primary key references log,
  size bigint not null check (size >= 0)
) with (fillfactor = 20);

grant select on verified_head to pacspace_api;
grant select, insert, update on verified_head to pacspace_worker;

-- Full tiles of the tree (C2SP tlog-tiles, height 8): the hashes, and the node they fold to. The ragged right edge is
-- recomputed from the rows.
create table log_tile (
  tenant_id int not null references log,
  level smallint not null check (level between 0 and 7),
  tile_index bigint not null check (tile_index >= 0),
  root bytea not null check (octet_length(root) = 32),
  hashes bytea not null check (octet_length(hashes) = 8192),
  primary key (tenant_id, level, tile_index)
);

-- SHA-256 output does not compress; do not let TOAST try.
alter table log_tile alter column hashes set storage external;

grant select on log_tile to pacspace_api;
grant select, insert on log_tile to pacspace_worker;

-- Signed heads. The primary key is the promise "one size, one root" (design.md §5.6).
create table log_note (
  tenant_id int not null references log,
  size bigint not null check (size >= 0),
  root bytea not null check (octet_length(root) = 32),
  note text not null,
  signed_at timestamptz not null,
  primary key (tenant_id, size)
);

grant select on log_note to pacspace_api;
grant select, insert on log_note to pacspace_worker;

-- Which signed heads reached which anchor, and when.
create table log_anchor (
  tenant_id int not null,
  size bigint not null,
  level text not null check (level in ('file', 'witness', 'evm')),
  anchored_at timestamptz not null,
  primary key (tenant_id, level, size),
  foreign key (tenant_id, size) references log_note
);

grant select on log_anchor to pacspace_api;
grant select, insert on log_anchor to pacspace_worker;

-- What verification found wrong. While a row is here, nothing at or after first_failed_index is signed; blocked_code
-- refuses writes too (LOG_BEHIND_ANCHOR).
create table verify_state (
  tenant_id int primary key references log,
  first_failed_index bigint,
  discrepancies jsonb not null,
  blocked_code text check (blocked_code in ('LOG_BEHIND_ANCHOR')),
  found_at timestamptz not null
);

grant select on verify_state to pacspace_api;
grant select, insert, update, delete on verify_state to pacspace_worker;

create trigger log_tile_append_only before update or delete or truncate on log_tile execute function refuse_change();
create trigger log_note_append_only before update or delete or truncate on log_note execute function refuse_change();
create trigger log_anchor_append_only before update or delete or truncate on log_anchor execute function refuse_change();
create trigger log_append_only before update or delete or truncate on log execute function refuse_change();
