-- A provisioned environment of a tenant (wire: contract). A tenant without a row has not asked for it.
create table contract (
  tenant_id text not null references tenant,
  environment text not null check (environment in ('sandbox', 'production')),
  id text not null unique check (id ~ '^ctr_[0-9a-z]{26}$'),
  status text not null check (status in ('provisioning', 'active', 'error')),
  -- What failed.
  reason text,
  requested_at timestamptz not null,
  provisioned_at timestamptz,
  primary key (tenant_id, environment),
  check ((status = 'error') = (reason is not null)),
  check (status <> 'active' or provisioned_at is not null)
);

create index contract_provisioning on contract (requested_at) where status = 'provisioning';

grant select, insert, update on contract to pacspace_control;
