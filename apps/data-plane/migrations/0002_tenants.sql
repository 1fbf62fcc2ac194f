-- Tenants of this plane and what they may do here. Plans are the control plane's; this is what it pushed last.
create table tenant (
  id int generated always as identity primary key,
  public_id text not null unique,
  contract_id text not null,
  status text not null check (status in ('provisioning', 'active', 'error')),
  error_reason text,
  requested_at timestamptz not null,
  provisioned_at timestamptz,
  tier text not null,
  -- Deltas, accepted and verified, that may ever exist here; null = no stop.
  lifetime_cap bigint,
  writes_allowed boolean not null,
  rate_per_second int not null,
  burst int not null
);

create index tenant_provisioning on tenant (id) where status = 'provisioning';

grant select, insert, update on tenant to pacspace_api;
grant select, update on tenant to pacspace_worker;

-- API keys. Only the SHA-256 of the secret is kept.
create table api_key (
  id text primary key,
  tenant_id int not null references tenant,
  public_key text not null unique,
  secret_hash bytea not null check (octet_length(secret_hash) = 32),
  name text not null,
  permissions text[] not null,
  active boolean not null default true,
  created_at timestamptz not null,
  expires_at timestamptz,
  revoked_at timestamptz
);

create index api_key_of_tenant on api_key (tenant_id, created_at desc, id);

grant select, insert, update on api_key to pacspace_api;
grant select on api_key to pacspace_worker;

-- Apart from api_key, so that noting a use never touches the row that log-ins of requests read.
create table api_key_use (
  api_key_id text primary key references api_key,
  last_used_at timestamptz not null
) with (fillfactor = 50);

grant select, insert, update on api_key_use to pacspace_api;
