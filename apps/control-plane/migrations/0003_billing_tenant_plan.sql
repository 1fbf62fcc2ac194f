-- What a tenant has bought, and what an operator granted beyond the published plan.
create table tenant_plan (
  tenant_id text primary key references tenant,
  tier text not null check (tier in ('free', 'pilot', 'starter', 'growth', 'scale', 'enterprise')),
  -- Null = as the plan says.
  rate_per_second int check (rate_per_second > 0),
  monthly_allotment bigint check (monthly_allotment > 0),
  -- Raised by every change: a contract that was told an older version has to be told again.
  version int not null default 1,
  updated_at timestamptz not null
);

grant select, insert, update on tenant_plan to pacspace_control;
