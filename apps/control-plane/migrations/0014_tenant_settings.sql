-- Whether public verify shows single records to whoever holds a root, or the summary only. Planes are told.
alter table tenant
  add column public_records boolean not null default true,
  -- Raised by every change that planes have to be told; they assume what version 1 says.
  add column settings_version int not null default 1;

grant update (public_records, settings_version) on tenant to pacspace_control;

-- The tenant.settings_version that a plane was told last; none = 1.
create table settings_push (
  tenant_id text not null,
  environment text not null,
  version int not null check (version > 0),
  pushed_at timestamptz not null,
  primary key (tenant_id, environment),
  foreign key (tenant_id, environment) references contract
);

grant select, insert, update on settings_push to pacspace_control;
