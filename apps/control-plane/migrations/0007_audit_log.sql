-- What was done to an account, by whom and from where. Written in the transaction of the change that it tells about.
create table audit_entry (
  no bigint primary key generated always as identity,
  -- 130 random bits: what is signed commits to it, so that nobody can guess an entry from its hash.
  id text not null unique check (id ~ '^aud_[0-9a-z]{26}$'),
  -- No foreign key: an entry may outlive what it tells about.
  tenant_id text not null check (tenant_id ~ '^tnt_[0-9a-z]{26}$'),
  -- `operator`: a command on the server; `system`: a background step; `unknown`: somebody without a credential.
  actor_kind text not null check (actor_kind in ('user', 'operator', 'system', 'unknown')),
  actor_id text check (actor_id ~ '^usr_[0-9a-z]{26}$'),
  -- See packages/api/src/audit-action.ts.
  action text not null check (action ~ '^[a-z_]+\.[a-z_]+$'),
  target text not null,
  environment text check (environment in ('sandbox', 'production')),
  -- Texts, whole numbers, booleans and nulls; flat.
  details jsonb not null check (jsonb_typeof(details) = 'object'),
  address text,
  request_id text,
  created_at timestamptz not null,
  check ((actor_kind = 'user') = (actor_id is not null))
);

create index audit_entry_of_tenant on audit_entry (tenant_id, no);

-- Entries that stand in no signed log yet. Empty but for the last second.
create table audit_pending (
  entry_no bigint primary key references audit_entry
);

-- The RFC 6962 tree over all entries, in the order in which they were taken in.
create table audit_leaf (
  log_index bigint primary key check (log_index >= 0),
  entry_no bigint not null unique references audit_entry,
  leaf bytea not null check (octet_length(leaf) = 32),
  -- Interior nodes that this leaf completes, from level 1 upwards, 32 bytes each.
  nodes bytea not null check (octet_length(nodes) % 32 = 0)
);

-- Signed heads (C2SP tlog-checkpoint). The primary key: one size has one root, ever.
create table audit_note (
  size bigint primary key check (size > 0),
  root bytea not null check (octet_length(root) = 32),
  note text not null,
  signed_at timestamptz not null
);

-- Privileges forbid changes already; the trigger stops the owner's slips as well.
create function refuse_change() returns trigger
language plpgsql
as $$
begin
  raise exception 'rows of % are append-only', tg_table_name using errcode = 'restrict_violation';
end
$$;

create trigger audit_entry_append_only before update or delete or truncate on audit_entry execute function refuse_change();
create trigger audit_leaf_append_only before update or delete or truncate on audit_leaf execute function refuse_change();
create trigger audit_note_append_only before update or delete or truncate on audit_note execute function refuse_change();

grant select, insert on audit_entry to pacspace_control;
grant select, insert, delete on audit_pending to pacspace_control;
grant select, insert on audit_leaf to pacspace_control;
grant select, insert on audit_note to pacspace_control;
