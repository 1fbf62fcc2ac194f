-- A counterparty of a tenant. Inside the ledger it is a number; the text stands here once.
create table customer (
  tenant_id int not null references log,
  customer_no int not null check (customer_no > 0),
  -- Byte order, whatever the database sorts by: pages and roots over all customers depend on it.
  customer_id text collate "C" not null,
  -- Log index of its first delta.
  first_index bigint not null,
  primary key (tenant_id, customer_no),
  unique (tenant_id, customer_id)
);

grant select, insert on customer to pacspace_api;
grant select on customer to pacspace_worker;

-- The ledger. Rows are inserted and never changed. Fixed-width columns first, so that no byte is lost to alignment.
create table delta (
  log_index bigint not null check (log_index >= 0),
  created_at timestamptz not null,
  -- First 64 bits of SHA-256 of the reference, for the look-up; the text decides.
  reference_hash bigint,
  tenant_id int not null,
  customer_no int not null,
  -- Position in the customer's ledger, from 1, without gaps.
  seq int not null check (seq > 0),
  -- The random part of the recordId; the other part is log_index.
  record_nonce bytea not null check (octet_length(record_nonce) = 10),
  -- Root of the customer's tree after this delta.
  items_root bytea not null check (octet_length(items_root) = 32),
  -- Interior nodes of the customer's tree that this delta completes, level 1 first.
  nodes bytea check (octet_length(nodes) % 32 = 0),
  amount numeric not null check (amount <> 0),
  -- The customer's balance after this delta.
  balance numeric not null,
  reason text not null,
  reference_id text,
  -- RFC 8785 text: jsonb would not give back what was hashed.
  metadata text,
  -- First 16 bytes of SHA-256 over tenant and Idempotency-Key, where a key was sent (a batch: on its first row).
  key_digest bytea check (octet_length(key_digest) = 16),
  -- The delta that this one corrects: its recordId, and the reference when it was named by that.
  adjusts_record_id text,
  adjusts_reference_id text,
  -- No foreign key to customer: its check would cost a third of the insert, and append, which alone writes here, holds
  -- the log's lock while it numbers customers. fsck proves the reference.
  primary key (tenant_id, log_index),
  unique (tenant_id, customer_no, seq)
);

-- Random data that does not compress; short enough to stay in the row.
alter table delta alter column items_root set storage plain;
alter table delta alter column record_nonce set storage plain;

create index delta_items_root on delta using hash (items_root);
create index delta_key_digest on delta using hash (key_digest);
create index delta_reference on delta (tenant_id, customer_no, reference_hash) where reference_hash is not null;
create index delta_adjusts on delta (tenant_id, adjusts_record_id) where adjusts_record_id is not null;

grant select, insert on delta to pacspace_api;
grant select on delta to pacspace_worker;

-- The Idempotency-Key of a batch, kept for good; an emit's is in its row. Bound to its request by request_hash.
create table batch_request (
  tenant_id int not null,
  first_index bigint not null,
  row_count int not null check (row_count > 0),
  key_digest bytea not null check (octet_length(key_digest) = 16),
  -- SHA-256 of route and canonical body.
  request_hash bytea not null check (octet_length(request_hash) = 32),
  -- Items of the request that were not written, as JSON text: what the first answer said of them.
  unwritten text not null,
  primary key (tenant_id, first_index),
  unique (tenant_id, key_digest),
  foreign key (tenant_id, first_index) references delta
);

grant select, insert on batch_request to pacspace_api;
grant select on batch_request to pacspace_worker;

-- The verified end of each customer's ledger: a cache that the confirm step writes and reads are answered from.
create table customer_verified (
  tenant_id int not null,
  customer_no int not null,
  seq int not null check (seq > 0),
  log_index bigint not null,
  items_root bytea not null check (octet_length(items_root) = 32),
  balance numeric not null,
  primary key (tenant_id, customer_no)
) with (fillfactor = 50);

grant select on customer_verified to pacspace_api;
grant select, insert, update on customer_verified to pacspace_worker;

create trigger customer_append_only before update or delete or truncate on customer execute function refuse_change();
create trigger delta_append_only before update or delete or truncate on delta execute function refuse_change();
create trigger batch_request_append_only before update or delete or truncate on batch_request execute function refuse_change();

-- A delta with the two things its record is rebuilt from that stand in other rows: the customer's name, and the root
-- before it. Scalar subqueries, not joins: each is one probe of a unique index, whatever the planner believes about the
-- table, and costs nothing where it is not selected. reference_hash goes out as text: 64 bits do not fit a JavaScript
-- number.
create view stored_delta as
  select d.log_index, d.created_at, d.tenant_id, d.customer_no, d.seq, d.record_nonce, d.items_root, d.nodes, d.amount,
         d.balance, d.reason, d.reference_id, d.reference_hash::text, d.metadata, d.key_digest, d.adjusts_record_id,
         d.adjusts_reference_id,
         (select c.customer_id from customer c
           where c.tenant_id = d.tenant_id and c.customer_no = d.customer_no) as customer_id,
         (select p.items_root from delta p
           where p.tenant_id = d.tenant_id and p.customer_no = d.customer_no and p.seq = d.seq - 1) as previous_root
    from delta d;

grant select on stored_delta to pacspace_api, pacspace_worker;
