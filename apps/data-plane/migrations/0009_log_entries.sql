-- Entries of a tenant's log that are no deltas (product.md §5.5, §5.6): checkpoints, facts and voids share the log's
-- indexes with deltas, without gaps. Rare next to deltas, so they stand in tables of their own and a delta pays nothing.
-- Whatever a record leaves out is committed to by its id (`committing-id.ts`), so that every column is provable.

create table fact (
  log_index bigint not null check (log_index >= 0),
  created_at timestamptz not null,
  tenant_id int not null references log,
  -- The random part of the factId.
  nonce bytea not null check (octet_length(nonce) = 10),
  -- SHA-256 of the content alone: what a fact is named by, once for each tenant.
  content_hash bytea not null check (octet_length(content_hash) = 32),
  content text not null,
  -- RFC 8785 text.
  metadata text,
  -- First 16 bytes of SHA-256 over tenant and Idempotency-Key, where a key was sent.
  key_digest bytea check (octet_length(key_digest) = 16),
  primary key (tenant_id, log_index),
  unique (tenant_id, content_hash)
);

-- A checkpoint of all customers while its roots are computed: where the log was cut, and what was asked. What has become
-- of it follows from the rows that carry its nonce: parts, the worker's check, and at last the entry in `checkpoint`.
create table checkpoint_cut (
  -- Deltas below this log index count.
  cut_size bigint not null check (cut_size >= 0),
  cut_at timestamptz not null,
  start_at timestamptz,
  end_at timestamptz,
  tenant_id int not null references log,
  -- The random part of the checkpointId.
  nonce bytea not null check (octet_length(nonce) = 10),
  -- YYYY-MM, where it is of a month.
  period text,
  -- No delta can fall into its scope any more.
  closed boolean not null,
  mode text,
  -- RFC 8785 text.
  fingerprints text,
  key_digest bytea check (octet_length(key_digest) = 16),
  primary key (tenant_id, nonce)
);

create unique index checkpoint_cut_key on checkpoint_cut (tenant_id, key_digest) where key_digest is not null;

-- A finished month of all customers is closed once.
create unique index checkpoint_cut_closing on checkpoint_cut (tenant_id, period) where closed and period is not null;

-- The record of one customer in a checkpoint of all.
create table checkpoint_part (
  tenant_id int not null references log,
  customer_no int not null,
  -- First and last sequence number in scope; null where there is none.
  from_seq int,
  to_seq int,
  deltas_count int not null check (deltas_count >= 0),
  nonce bytea not null,
  starting_balance numeric not null,
  net_change numeric not null,
  ending_balance numeric not null,
  -- The customer's root after the last delta in scope, or before it; 32 zero bytes where there is none.
  items_root bytea not null check (octet_length(items_root) = 32),
  -- SHA-256(0x00 ‖ record): the leaf in the tree of all customers' records.
  proof_root bytea not null check (octet_length(proof_root) = 32),
  primary key (tenant_id, nonce, customer_no),
  foreign key (tenant_id, nonce) references checkpoint_cut
);

create index checkpoint_part_proof_root on checkpoint_part using hash (proof_root);

-- A checkpoint in the log: of one customer, or (customer_no null) of all, whose records are its parts.
create table checkpoint (
  log_index bigint not null check (log_index >= 0),
  -- Deltas below this log index count; its own place in the log where it is of one customer.
  cut_size bigint not null check (cut_size between 0 and log_index),
  -- When its entry was made: times never go back in a log.
  created_at timestamptz not null,
  -- When it was cut; the same where it is of one customer.
  cut_at timestamptz not null,
  start_at timestamptz,
  end_at timestamptz,
  tenant_id int not null references log,
  customer_no int,
  from_seq int,
  to_seq int,
  deltas_count bigint not null check (deltas_count >= 0),
  nonce bytea not null check (octet_length(nonce) = 10),
  period text,
  closed boolean not null,
  -- Of all customers: sums.
  starting_balance numeric not null,
  net_change numeric not null,
  ending_balance numeric not null,
  -- Null for all customers.
  items_root bytea check (octet_length(items_root) = 32),
  proof_root bytea not null check (octet_length(proof_root) = 32),
  mode text,
  fingerprints text,
  key_digest bytea check (octet_length(key_digest) = 16),
  primary key (tenant_id, log_index),
  unique (tenant_id, nonce)
);

-- A finished month is closed once for each customer, and once for all of them.
create unique index checkpoint_closing on checkpoint (tenant_id, period, customer_no) nulls not distinct
  where closed and period is not null;
create unique index checkpoint_key on checkpoint (tenant_id, key_digest) where key_digest is not null;
create index checkpoint_of_customer on checkpoint (tenant_id, customer_no, log_index);
create index checkpoint_proof_root on checkpoint using hash (proof_root);

-- What the worker's own computation of a cut came to: the root that an entry must have, or what is wrong.
create table checkpoint_check (
  tenant_id int not null,
  nonce bytea not null,
  root bytea check (octet_length(root) = 32),
  discrepancies jsonb not null,
  checked_at timestamptz not null,
  primary key (tenant_id, nonce),
  foreign key (tenant_id, nonce) references checkpoint_cut
);

-- The resolution of a delta that was found damaged and cannot be repaired (design.md §4.5).
create table void (
  log_index bigint not null check (log_index >= 0),
  created_at timestamptz not null,
  tenant_id int not null references log,
  nonce bytea not null check (octet_length(nonce) = 10),
  record_id text not null,
  customer_id text not null,
  -- What the damaged delta had added, taken back.
  amount numeric not null check (amount <> 0),
  reason text not null,
  primary key (tenant_id, log_index)
);

grant select, insert on fact, checkpoint_cut, checkpoint_part, checkpoint, void to pacspace_api;
grant select on fact, checkpoint_cut, checkpoint_part, checkpoint, void to pacspace_worker;
grant select on checkpoint_check to pacspace_api;
grant select, insert, update on checkpoint_check to pacspace_worker;

create trigger fact_append_only before update or delete or truncate on fact execute function refuse_change();
create trigger checkpoint_cut_append_only before update or delete or truncate on checkpoint_cut execute function refuse_change();
create trigger checkpoint_part_append_only before update or delete or truncate on checkpoint_part execute function refuse_change();
create trigger checkpoint_append_only before update or delete or truncate on checkpoint execute function refuse_change();
create trigger void_append_only before update or delete or truncate on void execute function refuse_change();

-- One table keeps the Idempotency-Keys of all requests but emits, so that a look-up is one, and a key sent to another
-- route is a conflict. A checkpoint of all customers is not in the log yet when its key is kept: its row carries the key too.
alter table batch_request
  drop constraint batch_request_tenant_id_first_index_fkey,
  drop constraint batch_request_pkey,
  drop constraint batch_request_tenant_id_key_digest_key,
  add primary key (tenant_id, key_digest),
  alter column first_index drop not null,
  add column kind text not null default 'batch' check (kind in ('batch', 'writes', 'fact', 'checkpoint')),
  add check ((kind = 'checkpoint') = (first_index is null));

create index batch_request_first_index on batch_request (tenant_id, first_index) where first_index is not null;

-- Deltas of reason `write` under a reference are the writes of the Advanced API; the reference is their key.
create index delta_write on delta (tenant_id, reference_hash, log_index)
  where reason = 'write' and reference_hash is not null;

-- The verified sum of each key: a cache that the confirm step writes and reads are answered from.
create table bucket_verified (
  tenant_id int not null,
  key text collate "C" not null,
  -- Whose key it is: the customer of its first write.
  customer_no int not null,
  bits numeric not null,
  write_count bigint not null check (write_count > 0),
  last_index bigint not null,
  primary key (tenant_id, key)
) with (fillfactor = 50);

grant select on bucket_verified to pacspace_api;
grant select, insert, update on bucket_verified to pacspace_worker;

-- The two functions of usage know the kinds of entries now: facts count as deltas, checkpoints and voids do not.
create or replace function first_log_index_at_or_after(of_tenant_id int, log_size bigint, instant timestamptz)
returns bigint
language plpgsql stable
as $$
declare
  low bigint := 0;
  high bigint := log_size;
  middle bigint;
  middle_at timestamptz;
begin
  while low < high loop
    middle := low + (high - low) / 2;
    middle_at := coalesce(
      (select d.created_at from delta d where d.tenant_id = of_tenant_id and d.log_index = middle),
      (select f.created_at from fact f where f.tenant_id = of_tenant_id and f.log_index = middle),
      (select k.created_at from checkpoint k where k.tenant_id = of_tenant_id and k.log_index = middle),
      (select v.created_at from void v where v.tenant_id = of_tenant_id and v.log_index = middle)
    );
    if middle_at is null then
      raise exception 'no entry % in the log of tenant %', middle, of_tenant_id using errcode = 'data_corrupted';
    end if;
    if middle_at < instant then low := middle + 1; else high := middle; end if;
  end loop;
  return low;
end
$$;

create or replace function counted_deltas(of_tenant_id int, from_index bigint, to_index bigint) returns bigint
language sql stable
as $$
  select greatest(to_index - from_index, 0)
         - (select count(*) from checkpoint k
             where k.tenant_id = of_tenant_id and k.log_index >= from_index and k.log_index < to_index)
         - (select count(*) from void v
             where v.tenant_id = of_tenant_id and v.log_index >= from_index and v.log_index < to_index)
$$;
