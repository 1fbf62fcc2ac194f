-- Every plan that a tenant ever had, and since when: what its months are charged by. tenant_plan is the newest of these.
create table plan_change (
  tenant_id text not null references tenant,
  -- tenant_plan.version that it brought.
  version int not null,
  tier text not null check (tier in ('free', 'pilot', 'starter', 'growth', 'scale', 'enterprise')),
  rate_per_second int,
  monthly_allotment bigint,
  since timestamptz not null,
  primary key (tenant_id, version)
);

create index plan_change_paid on plan_change (tenant_id) where tier <> 'free';

insert into plan_change (tenant_id, version, tier, rate_per_second, monthly_allotment, since)
select tenant_id, version, tier, rate_per_second, monthly_allotment, updated_at from tenant_plan;

grant select, insert on plan_change to pacspace_control;

-- Months up to this one are settled: charged, or found to cost nothing. Null: none yet.
alter table tenant_plan add column settled_period text check (settled_period ~ '^\d{4}-(0[1-9]|1[0-2])$');

-- Invoices of the built-in provider. Facts: a mistake is mended by the next one.
create table invoice (
  id text primary key check (id ~ '^bill_[0-9a-z]{26}$'),
  tenant_id text not null references tenant,
  -- YYYY-MM, UTC. One month, one invoice.
  period text not null check (period ~ '^\d{4}-(0[1-9]|1[0-2])$'),
  -- What is charged, each line with its amounts as decimal text.
  lines jsonb not null,
  total_usd numeric not null check (total_usd >= 0),
  issued_at timestamptz not null,
  unique (tenant_id, period)
);

grant select, insert on invoice to pacspace_control;
