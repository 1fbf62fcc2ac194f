-- The tenant_plan.version that a plane was told last. Behind, or missing, for a contract: it has to be told again.
create table entitlement_push (
  tenant_id text not null,
  environment text not null,
  version int not null check (version > 0),
  pushed_at timestamptz not null,
  primary key (tenant_id, environment),
  foreign key (tenant_id, environment) references contract
);

grant select, insert, update on entitlement_push to pacspace_control;
