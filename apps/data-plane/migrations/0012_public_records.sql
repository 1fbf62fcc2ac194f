-- Whether public verify shows a tenant's single records to whoever holds a root, or the summary only.
alter table tenant add column public_records boolean not null default true;
