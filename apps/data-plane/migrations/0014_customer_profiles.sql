-- Customers that were created before their first delta, and what people call them. Not part of the ledger: a name is in no
-- proof. A customer with deltas has its own row in `customer`, by the same customer_id; one with neither does not exist.
create table customer_profile (
  tenant_id int not null references log (tenant_id),
  -- Byte order, as in `customer`.
  customer_id text collate "C" not null,
  display_name text not null,
  sharing_state_hint text,
  event_cadence text,
  unit_label text,
  -- Of the log's clock, taken under its lock: before the customer's first delta.
  created_at timestamptz not null,
  primary key (tenant_id, customer_id)
);

-- Listeners ask what was created since they last asked.
create index customer_profile_created on customer_profile (tenant_id, created_at);

grant select, insert on customer_profile to pacspace_api;
grant select on customer_profile to pacspace_worker;
