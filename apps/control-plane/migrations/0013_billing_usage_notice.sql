-- Shares of an allowance whose use a tenant's owners were told of, once each.
create table usage_notice (
  tenant_id text not null references tenant,
  -- YYYY-MM, or `life` where the allowance is for life (Free).
  period text not null check (period ~ '^(\d{4}-(0[1-9]|1[0-2])|life)$'),
  -- The allowance: a bigger plan has its own thresholds.
  included bigint not null,
  percent int not null check (percent in (80, 100)),
  noticed_at timestamptz not null,
  primary key (tenant_id, period, included, percent)
);

grant select, insert on usage_notice to pacspace_control;
