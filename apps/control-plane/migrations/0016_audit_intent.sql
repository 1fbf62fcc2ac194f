-- Changes that a plane was asked for and whose entry in the activity log is not written yet (docs/decisions/0088). A row is
-- there before the plane is asked, and goes in the transaction that writes the entry: a change without either cannot be.
create table audit_intent (
  no bigint generated always as identity primary key,
  tenant_id text not null,
  actor_id text not null,
  action text not null,
  target text not null,
  environment text not null check (environment in ('sandbox', 'production')),
  details jsonb not null check (jsonb_typeof(details) = 'object'),
  address text,
  request_id text,
  created_at timestamptz not null
);

grant select, insert, delete on audit_intent to pacspace_control;
