-- Generated from apps/data-plane/migrations by npm run gen. Do not edit.

-- Roles

CREATE ROLE pacspace_api NOLOGIN;
CREATE ROLE pacspace_worker NOLOGIN;

-- Tables

CREATE TABLE api_key (
  id text NOT NULL,
  tenant_id integer NOT NULL,
  public_key text NOT NULL,
  secret_hash bytea NOT NULL,
  name text NOT NULL,
  permissions text[] NOT NULL,
  active boolean NOT NULL DEFAULT true,
  created_at timestamp with time zone NOT NULL,
  expires_at timestamp with time zone,
  revoked_at timestamp with time zone,
  rotated_to text,
  CONSTRAINT api_key_pkey PRIMARY KEY (id),
  CONSTRAINT api_key_public_key_key UNIQUE (public_key),
  CONSTRAINT api_key_rotated_to_key UNIQUE (rotated_to),
  CONSTRAINT api_key_rotated_to_fkey FOREIGN KEY (rotated_to) REFERENCES api_key(id),
  CONSTRAINT api_key_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id),
  CONSTRAINT api_key_secret_hash_check CHECK ((octet_length(secret_hash) = 32))
);

CREATE TABLE api_key_use (
  api_key_id text NOT NULL,
  last_used_at timestamp with time zone NOT NULL,
  CONSTRAINT api_key_use_pkey PRIMARY KEY (api_key_id),
  CONSTRAINT api_key_use_api_key_id_fkey FOREIGN KEY (api_key_id) REFERENCES api_key(id)
) WITH (fillfactor=50);

CREATE TABLE batch_request (
  tenant_id integer NOT NULL,
  first_index bigint,
  row_count integer NOT NULL,
  key_digest bytea NOT NULL,
  request_hash bytea NOT NULL,
  unwritten text NOT NULL,
  kind text NOT NULL DEFAULT 'batch'::text,
  CONSTRAINT batch_request_pkey PRIMARY KEY (tenant_id, key_digest),
  CONSTRAINT batch_request_check CHECK (((kind = 'checkpoint'::text) = (first_index IS NULL))),
  CONSTRAINT batch_request_key_digest_check CHECK ((octet_length(key_digest) = 16)),
  CONSTRAINT batch_request_kind_check CHECK ((kind = ANY (ARRAY['batch'::text, 'writes'::text, 'fact'::text, 'checkpoint'::text]))),
  CONSTRAINT batch_request_request_hash_check CHECK ((octet_length(request_hash) = 32)),
  CONSTRAINT batch_request_row_count_check CHECK ((row_count > 0))
);

CREATE TABLE bucket_verified (
  tenant_id integer NOT NULL,
  key text COLLATE "C" NOT NULL,
  customer_no integer NOT NULL,
  bits numeric NOT NULL,
  write_count bigint NOT NULL,
  last_index bigint NOT NULL,
  CONSTRAINT bucket_verified_pkey PRIMARY KEY (tenant_id, key),
  CONSTRAINT bucket_verified_write_count_check CHECK ((write_count > 0))
) WITH (fillfactor=50);

CREATE TABLE checkpoint (
  log_index bigint NOT NULL,
  cut_size bigint NOT NULL,
  created_at timestamp with time zone NOT NULL,
  cut_at timestamp with time zone NOT NULL,
  start_at timestamp with time zone,
  end_at timestamp with time zone,
  tenant_id integer NOT NULL,
  customer_no integer,
  from_seq integer,
  to_seq integer,
  deltas_count bigint NOT NULL,
  nonce bytea NOT NULL,
  period text,
  closed boolean NOT NULL,
  starting_balance numeric NOT NULL,
  net_change numeric NOT NULL,
  ending_balance numeric NOT NULL,
  items_root bytea,
  proof_root bytea NOT NULL,
  mode text,
  fingerprints text,
  key_digest bytea,
  CONSTRAINT checkpoint_pkey PRIMARY KEY (tenant_id, log_index),
  CONSTRAINT checkpoint_tenant_id_nonce_key UNIQUE (tenant_id, nonce),
  CONSTRAINT checkpoint_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES log(tenant_id),
  CONSTRAINT checkpoint_check CHECK (((cut_size >= 0) AND (cut_size <= log_index))),
  CONSTRAINT checkpoint_deltas_count_check CHECK ((deltas_count >= 0)),
  CONSTRAINT checkpoint_items_root_check CHECK ((octet_length(items_root) = 32)),
  CONSTRAINT checkpoint_key_digest_check CHECK ((octet_length(key_digest) = 16)),
  CONSTRAINT checkpoint_log_index_check CHECK ((log_index >= 0)),
  CONSTRAINT checkpoint_nonce_check CHECK ((octet_length(nonce) = 10)),
  CONSTRAINT checkpoint_proof_root_check CHECK ((octet_length(proof_root) = 32))
);

CREATE TABLE checkpoint_check (
  tenant_id integer NOT NULL,
  nonce bytea NOT NULL,
  root bytea,
  discrepancies jsonb NOT NULL,
  checked_at timestamp with time zone NOT NULL,
  CONSTRAINT checkpoint_check_pkey PRIMARY KEY (tenant_id, nonce),
  CONSTRAINT checkpoint_check_tenant_id_nonce_fkey FOREIGN KEY (tenant_id, nonce) REFERENCES checkpoint_cut(tenant_id, nonce),
  CONSTRAINT checkpoint_check_root_check CHECK ((octet_length(root) = 32))
);

CREATE TABLE checkpoint_cut (
  cut_size bigint NOT NULL,
  cut_at timestamp with time zone NOT NULL,
  start_at timestamp with time zone,
  end_at timestamp with time zone,
  tenant_id integer NOT NULL,
  nonce bytea NOT NULL,
  period text,
  closed boolean NOT NULL,
  mode text,
  fingerprints text,
  key_digest bytea,
  CONSTRAINT checkpoint_cut_pkey PRIMARY KEY (tenant_id, nonce),
  CONSTRAINT checkpoint_cut_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES log(tenant_id),
  CONSTRAINT checkpoint_cut_cut_size_check CHECK ((cut_size >= 0)),
  CONSTRAINT checkpoint_cut_key_digest_check CHECK ((octet_length(key_digest) = 16)),
  CONSTRAINT checkpoint_cut_nonce_check CHECK ((octet_length(nonce) = 10))
);

CREATE TABLE checkpoint_part (
  tenant_id integer NOT NULL,
  customer_no integer NOT NULL,
  from_seq integer,
  to_seq integer,
  deltas_count integer NOT NULL,
  nonce bytea NOT NULL,
  starting_balance numeric NOT NULL,
  net_change numeric NOT NULL,
  ending_balance numeric NOT NULL,
  items_root bytea NOT NULL,
  proof_root bytea NOT NULL,
  CONSTRAINT checkpoint_part_pkey PRIMARY KEY (tenant_id, nonce, customer_no),
  CONSTRAINT checkpoint_part_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES log(tenant_id),
  CONSTRAINT checkpoint_part_tenant_id_nonce_fkey FOREIGN KEY (tenant_id, nonce) REFERENCES checkpoint_cut(tenant_id, nonce),
  CONSTRAINT checkpoint_part_deltas_count_check CHECK ((deltas_count >= 0)),
  CONSTRAINT checkpoint_part_items_root_check CHECK ((octet_length(items_root) = 32)),
  CONSTRAINT checkpoint_part_proof_root_check CHECK ((octet_length(proof_root) = 32))
);

CREATE TABLE customer (
  tenant_id integer NOT NULL,
  customer_no integer NOT NULL,
  customer_id text COLLATE "C" NOT NULL,
  first_index bigint NOT NULL,
  CONSTRAINT customer_pkey PRIMARY KEY (tenant_id, customer_no),
  CONSTRAINT customer_tenant_id_customer_id_key UNIQUE (tenant_id, customer_id),
  CONSTRAINT customer_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES log(tenant_id),
  CONSTRAINT customer_customer_no_check CHECK ((customer_no > 0))
);

CREATE TABLE customer_profile (
  tenant_id integer NOT NULL,
  customer_id text COLLATE "C" NOT NULL,
  display_name text NOT NULL,
  sharing_state_hint text,
  event_cadence text,
  unit_label text,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT customer_profile_pkey PRIMARY KEY (tenant_id, customer_id),
  CONSTRAINT customer_profile_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES log(tenant_id)
);

CREATE TABLE customer_total (
  tenant_id integer NOT NULL,
  customer_no integer NOT NULL,
  seq integer NOT NULL,
  credits numeric NOT NULL,
  CONSTRAINT customer_total_pkey PRIMARY KEY (tenant_id, customer_no, seq),
  CONSTRAINT customer_total_seq_check CHECK ((seq > 0))
);

CREATE TABLE customer_verified (
  tenant_id integer NOT NULL,
  customer_no integer NOT NULL,
  seq integer NOT NULL,
  log_index bigint NOT NULL,
  items_root bytea NOT NULL,
  balance numeric NOT NULL,
  CONSTRAINT customer_verified_pkey PRIMARY KEY (tenant_id, customer_no),
  CONSTRAINT customer_verified_items_root_check CHECK ((octet_length(items_root) = 32)),
  CONSTRAINT customer_verified_seq_check CHECK ((seq > 0))
) WITH (fillfactor=50);

CREATE TABLE delta (
  log_index bigint NOT NULL,
  created_at timestamp with time zone NOT NULL,
  reference_hash bigint,
  tenant_id integer NOT NULL,
  customer_no integer NOT NULL,
  seq integer NOT NULL,
  record_nonce bytea NOT NULL,
  items_root bytea NOT NULL,
  nodes bytea,
  amount numeric NOT NULL,
  balance numeric NOT NULL,
  reason text NOT NULL,
  reference_id text,
  metadata text,
  key_digest bytea,
  adjusts_record_id text,
  adjusts_reference_id text,
  CONSTRAINT delta_pkey PRIMARY KEY (tenant_id, log_index),
  CONSTRAINT delta_tenant_id_customer_no_seq_key UNIQUE (tenant_id, customer_no, seq),
  CONSTRAINT delta_amount_check CHECK ((amount <> (0)::numeric)),
  CONSTRAINT delta_items_root_check CHECK ((octet_length(items_root) = 32)),
  CONSTRAINT delta_key_digest_check CHECK ((octet_length(key_digest) = 16)),
  CONSTRAINT delta_log_index_check CHECK ((log_index >= 0)),
  CONSTRAINT delta_nodes_check CHECK (((octet_length(nodes) % 32) = 0)),
  CONSTRAINT delta_record_nonce_check CHECK ((octet_length(record_nonce) = 10)),
  CONSTRAINT delta_seq_check CHECK ((seq > 0))
);

CREATE TABLE fact (
  log_index bigint NOT NULL,
  created_at timestamp with time zone NOT NULL,
  tenant_id integer NOT NULL,
  nonce bytea NOT NULL,
  content_hash bytea NOT NULL,
  content text NOT NULL,
  metadata text,
  key_digest bytea,
  CONSTRAINT fact_pkey PRIMARY KEY (tenant_id, log_index),
  CONSTRAINT fact_tenant_id_content_hash_key UNIQUE (tenant_id, content_hash),
  CONSTRAINT fact_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES log(tenant_id),
  CONSTRAINT fact_content_hash_check CHECK ((octet_length(content_hash) = 32)),
  CONSTRAINT fact_key_digest_check CHECK ((octet_length(key_digest) = 16)),
  CONSTRAINT fact_log_index_check CHECK ((log_index >= 0)),
  CONSTRAINT fact_nonce_check CHECK ((octet_length(nonce) = 10))
);

CREATE TABLE log (
  tenant_id integer NOT NULL,
  log_id text NOT NULL,
  origin text NOT NULL,
  public_key bytea NOT NULL,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT log_pkey PRIMARY KEY (tenant_id),
  CONSTRAINT log_log_id_key UNIQUE (log_id),
  CONSTRAINT log_origin_key UNIQUE (origin),
  CONSTRAINT log_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id),
  CONSTRAINT log_public_key_check CHECK ((octet_length(public_key) = 32))
);

CREATE TABLE log_anchor (
  tenant_id integer NOT NULL,
  size bigint NOT NULL,
  level text NOT NULL,
  anchored_at timestamp with time zone NOT NULL,
  CONSTRAINT log_anchor_pkey PRIMARY KEY (tenant_id, level, size),
  CONSTRAINT log_anchor_tenant_id_size_fkey FOREIGN KEY (tenant_id, size) REFERENCES log_note(tenant_id, size),
  CONSTRAINT log_anchor_level_check CHECK ((level = ANY (ARRAY['file'::text, 'witness'::text, 'evm'::text])))
);

CREATE TABLE log_head (
  tenant_id integer NOT NULL,
  size bigint NOT NULL,
  delta_count bigint NOT NULL,
  customer_count integer NOT NULL,
  last_created_at timestamp with time zone NOT NULL,
  append_mark bigint NOT NULL,
  CONSTRAINT log_head_pkey PRIMARY KEY (tenant_id),
  CONSTRAINT log_head_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES log(tenant_id),
  CONSTRAINT log_head_customer_count_check CHECK ((customer_count >= 0)),
  CONSTRAINT log_head_delta_count_check CHECK ((delta_count >= 0)),
  CONSTRAINT log_head_size_check CHECK ((size >= 0))
) WITH (fillfactor=20);

CREATE TABLE log_key (
  tenant_id integer NOT NULL,
  sealed_key bytea NOT NULL,
  CONSTRAINT log_key_pkey PRIMARY KEY (tenant_id),
  CONSTRAINT log_key_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES log(tenant_id)
);

CREATE TABLE log_note (
  tenant_id integer NOT NULL,
  size bigint NOT NULL,
  root bytea NOT NULL,
  note text NOT NULL,
  signed_at timestamp with time zone NOT NULL,
  CONSTRAINT log_note_pkey PRIMARY KEY (tenant_id, size),
  CONSTRAINT log_note_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES log(tenant_id),
  CONSTRAINT log_note_root_check CHECK ((octet_length(root) = 32)),
  CONSTRAINT log_note_size_check CHECK ((size >= 0))
);

CREATE TABLE log_tile (
  tenant_id integer NOT NULL,
  level smallint NOT NULL,
  tile_index bigint NOT NULL,
  root bytea NOT NULL,
  hashes bytea NOT NULL,
  CONSTRAINT log_tile_pkey PRIMARY KEY (tenant_id, level, tile_index),
  CONSTRAINT log_tile_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES log(tenant_id),
  CONSTRAINT log_tile_hashes_check CHECK ((octet_length(hashes) = 8192)),
  CONSTRAINT log_tile_level_check CHECK (((level >= 0) AND (level <= 7))),
  CONSTRAINT log_tile_root_check CHECK ((octet_length(root) = 32)),
  CONSTRAINT log_tile_tile_index_check CHECK ((tile_index >= 0))
);

CREATE TABLE schema_migration (
  version integer NOT NULL,
  name text NOT NULL,
  checksum text NOT NULL,
  applied_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT schema_migration_pkey PRIMARY KEY (version)
);

CREATE TABLE tenant (
  id integer NOT NULL GENERATED ALWAYS AS IDENTITY,
  public_id text NOT NULL,
  contract_id text NOT NULL,
  status text NOT NULL,
  error_reason text,
  requested_at timestamp with time zone NOT NULL,
  provisioned_at timestamp with time zone,
  tier text NOT NULL,
  lifetime_cap bigint,
  writes_allowed boolean NOT NULL,
  rate_per_second integer NOT NULL,
  burst integer NOT NULL,
  monthly_allotment bigint,
  public_records boolean NOT NULL DEFAULT true,
  CONSTRAINT tenant_pkey PRIMARY KEY (id),
  CONSTRAINT tenant_public_id_key UNIQUE (public_id),
  CONSTRAINT tenant_status_check CHECK ((status = ANY (ARRAY['provisioning'::text, 'active'::text, 'error'::text])))
);

CREATE TABLE tree_head (
  tenant_id integer NOT NULL,
  size bigint NOT NULL,
  root bytea NOT NULL,
  peaks bytea NOT NULL,
  CONSTRAINT tree_head_pkey PRIMARY KEY (tenant_id),
  CONSTRAINT tree_head_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES log(tenant_id),
  CONSTRAINT tree_head_root_check CHECK ((octet_length(root) = 32)),
  CONSTRAINT tree_head_size_check CHECK ((size >= 0))
) WITH (fillfactor=20);

CREATE TABLE verified_head (
  tenant_id integer NOT NULL,
  size bigint NOT NULL,
  CONSTRAINT verified_head_pkey PRIMARY KEY (tenant_id),
  CONSTRAINT verified_head_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES log(tenant_id),
  CONSTRAINT verified_head_size_check CHECK ((size >= 0))
) WITH (fillfactor=20);

CREATE TABLE verify_state (
  tenant_id integer NOT NULL,
  first_failed_index bigint,
  discrepancies jsonb NOT NULL,
  blocked_code text,
  found_at timestamp with time zone NOT NULL,
  found_by text NOT NULL DEFAULT 'recompute'::text,
  CONSTRAINT verify_state_pkey PRIMARY KEY (tenant_id),
  CONSTRAINT verify_state_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES log(tenant_id),
  CONSTRAINT verify_state_blocked_code_check CHECK ((blocked_code = 'LOG_BEHIND_ANCHOR'::text)),
  CONSTRAINT verify_state_found_by_check CHECK ((found_by = ANY (ARRAY['recompute'::text, 'scrub'::text])))
);

CREATE TABLE void (
  log_index bigint NOT NULL,
  created_at timestamp with time zone NOT NULL,
  tenant_id integer NOT NULL,
  nonce bytea NOT NULL,
  record_id text NOT NULL,
  customer_id text NOT NULL,
  amount numeric NOT NULL,
  reason text NOT NULL,
  voided_at timestamp with time zone NOT NULL,
  kept text,
  CONSTRAINT void_pkey PRIMARY KEY (tenant_id, log_index),
  CONSTRAINT void_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES log(tenant_id),
  CONSTRAINT void_amount_check CHECK (((amount <> (0)::numeric) OR (record_id ~~ like_escape('chk!_%'::text, '!'::text)))),
  CONSTRAINT void_log_index_check CHECK ((log_index >= 0)),
  CONSTRAINT void_nonce_check CHECK ((octet_length(nonce) = 10))
);

CREATE TABLE webhook_cursor (
  tenant_id integer NOT NULL,
  endpoint_id text NOT NULL,
  next_index bigint NOT NULL,
  failing_since timestamp with time zone,
  claimed_by uuid,
  claimed_until timestamp with time zone,
  CONSTRAINT webhook_cursor_pkey PRIMARY KEY (tenant_id, endpoint_id),
  CONSTRAINT webhook_cursor_tenant_id_endpoint_id_fkey FOREIGN KEY (tenant_id, endpoint_id) REFERENCES webhook_endpoint(tenant_id, id),
  CONSTRAINT webhook_cursor_next_index_check CHECK ((next_index >= 0))
) WITH (fillfactor=20);

CREATE TABLE webhook_delivery (
  tenant_id integer NOT NULL,
  event_id text NOT NULL,
  endpoint_id text NOT NULL,
  event text NOT NULL,
  log_index bigint,
  body text,
  created_at timestamp with time zone NOT NULL,
  state text NOT NULL,
  attempt_count integer NOT NULL DEFAULT 0,
  attempts jsonb NOT NULL DEFAULT '[]'::jsonb,
  retries_used integer NOT NULL DEFAULT 0,
  next_attempt_at timestamp with time zone,
  requested_at timestamp with time zone,
  in_order boolean NOT NULL DEFAULT false,
  CONSTRAINT webhook_delivery_pkey PRIMARY KEY (tenant_id, event_id, endpoint_id),
  CONSTRAINT webhook_delivery_tenant_id_endpoint_id_fkey FOREIGN KEY (tenant_id, endpoint_id) REFERENCES webhook_endpoint(tenant_id, id),
  CONSTRAINT webhook_delivery_check CHECK (((log_index IS NULL) <> (body IS NULL))),
  CONSTRAINT webhook_delivery_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'delivered'::text, 'failed'::text, 'exhausted'::text])))
) WITH (fillfactor=80);

CREATE TABLE webhook_endpoint (
  tenant_id integer NOT NULL,
  id text NOT NULL,
  url text NOT NULL,
  events text[],
  description text,
  active boolean NOT NULL DEFAULT true,
  created_at timestamp with time zone NOT NULL,
  deleted_at timestamp with time zone,
  disabled_reason text,
  disabled_at timestamp with time zone,
  sealed_secret bytea,
  sealed_old_secret bytea,
  old_secret_until timestamp with time zone,
  CONSTRAINT webhook_endpoint_pkey PRIMARY KEY (tenant_id, id),
  CONSTRAINT webhook_endpoint_id_key UNIQUE (id),
  CONSTRAINT webhook_endpoint_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id),
  CONSTRAINT webhook_endpoint_check CHECK (((deleted_at IS NOT NULL) OR (sealed_secret IS NOT NULL))),
  CONSTRAINT webhook_endpoint_check1 CHECK (((sealed_old_secret IS NULL) = (old_secret_until IS NULL))),
  CONSTRAINT webhook_endpoint_disabled_reason_check CHECK ((disabled_reason = ANY (ARRAY['gone'::text, 'failing'::text])))
);

CREATE TABLE webhook_notice (
  notice_no bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  tenant_id integer NOT NULL,
  endpoint_id text NOT NULL,
  reason text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  told_at timestamp with time zone,
  CONSTRAINT webhook_notice_pkey PRIMARY KEY (notice_no),
  CONSTRAINT webhook_notice_tenant_id_endpoint_id_fkey FOREIGN KEY (tenant_id, endpoint_id) REFERENCES webhook_endpoint(tenant_id, id),
  CONSTRAINT webhook_notice_reason_check CHECK ((reason = ANY (ARRAY['gone'::text, 'failing'::text])))
);

CREATE TABLE webhook_source (
  tenant_id integer NOT NULL,
  event_key bytea NOT NULL,
  CONSTRAINT webhook_source_pkey PRIMARY KEY (tenant_id),
  CONSTRAINT webhook_source_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id),
  CONSTRAINT webhook_source_event_key_check CHECK ((octet_length(event_key) = 32))
);

-- Views

CREATE VIEW stored_checkpoint AS
 SELECT k.tenant_id,
    k.nonce,
    k.log_index,
    k.customer_no,
    k.cut_size,
    k.cut_at,
    k.start_at,
    k.end_at,
    k.period,
    k.closed,
    k.mode,
    k.fingerprints,
    k.key_digest,
    k.from_seq,
    k.to_seq,
    k.deltas_count,
    k.starting_balance,
    k.net_change,
    k.ending_balance,
    k.items_root,
    k.proof_root,
    false AS is_part,
    ( SELECT c.customer_id
           FROM customer c
          WHERE ((c.tenant_id = k.tenant_id) AND (c.customer_no = k.customer_no))) AS customer_id
   FROM checkpoint k
UNION ALL
 SELECT u.tenant_id,
    u.nonce,
    NULL::bigint AS log_index,
    NULL::integer AS customer_no,
    u.cut_size,
    u.cut_at,
    u.start_at,
    u.end_at,
    u.period,
    u.closed,
    u.mode,
    u.fingerprints,
    u.key_digest,
    NULL::integer AS from_seq,
    NULL::integer AS to_seq,
    NULL::bigint AS deltas_count,
    NULL::numeric AS starting_balance,
    NULL::numeric AS net_change,
    NULL::numeric AS ending_balance,
    NULL::bytea AS items_root,
    NULL::bytea AS proof_root,
    false AS is_part,
    NULL::text AS customer_id
   FROM checkpoint_cut u
  WHERE (NOT (EXISTS ( SELECT
           FROM checkpoint k
          WHERE ((k.tenant_id = u.tenant_id) AND (k.nonce = u.nonce)))))
UNION ALL
 SELECT p.tenant_id,
    p.nonce,
    k.log_index,
    p.customer_no,
    u.cut_size,
    u.cut_at,
    u.start_at,
    u.end_at,
    u.period,
    u.closed,
    u.mode,
    u.fingerprints,
    u.key_digest,
    p.from_seq,
    p.to_seq,
    p.deltas_count,
    p.starting_balance,
    p.net_change,
    p.ending_balance,
    p.items_root,
    p.proof_root,
    true AS is_part,
    ( SELECT c.customer_id
           FROM customer c
          WHERE ((c.tenant_id = p.tenant_id) AND (c.customer_no = p.customer_no))) AS customer_id
   FROM ((checkpoint_part p
     JOIN checkpoint_cut u ON (((u.tenant_id = p.tenant_id) AND (u.nonce = p.nonce))))
     LEFT JOIN checkpoint k ON (((k.tenant_id = p.tenant_id) AND (k.nonce = p.nonce))));

CREATE VIEW stored_delta AS
 SELECT log_index,
    created_at,
    tenant_id,
    customer_no,
    seq,
    record_nonce,
    items_root,
    nodes,
    amount,
    balance,
    reason,
    reference_id,
    (reference_hash)::text AS reference_hash,
    metadata,
    key_digest,
    adjusts_record_id,
    adjusts_reference_id,
    ( SELECT c.customer_id
           FROM customer c
          WHERE ((c.tenant_id = d.tenant_id) AND (c.customer_no = d.customer_no))) AS customer_id,
    ( SELECT p.items_root
           FROM delta p
          WHERE ((p.tenant_id = d.tenant_id) AND (p.customer_no = d.customer_no) AND (p.seq = (d.seq - 1)))) AS previous_root
   FROM delta d;

-- Indexes

CREATE INDEX api_key_of_tenant ON public.api_key USING btree (tenant_id, created_at DESC, id);
CREATE INDEX batch_request_first_index ON public.batch_request USING btree (tenant_id, first_index) WHERE (first_index IS NOT NULL);
CREATE UNIQUE INDEX checkpoint_closing ON public.checkpoint USING btree (tenant_id, period, customer_no) NULLS NOT DISTINCT WHERE (closed AND (period IS NOT NULL));
CREATE UNIQUE INDEX checkpoint_cut_closing ON public.checkpoint_cut USING btree (tenant_id, period) WHERE (closed AND (period IS NOT NULL));
CREATE UNIQUE INDEX checkpoint_cut_key ON public.checkpoint_cut USING btree (tenant_id, key_digest) WHERE (key_digest IS NOT NULL);
CREATE UNIQUE INDEX checkpoint_key ON public.checkpoint USING btree (tenant_id, key_digest) WHERE (key_digest IS NOT NULL);
CREATE INDEX checkpoint_of_customer ON public.checkpoint USING btree (tenant_id, customer_no, log_index);
CREATE INDEX checkpoint_part_of_customer ON public.checkpoint_part USING btree (tenant_id, customer_no);
CREATE INDEX checkpoint_part_proof_root ON public.checkpoint_part USING hash (proof_root);
CREATE INDEX checkpoint_proof_root ON public.checkpoint USING hash (proof_root);
CREATE INDEX customer_profile_created ON public.customer_profile USING btree (tenant_id, created_at);
CREATE INDEX delta_adjusts ON public.delta USING btree (tenant_id, adjusts_record_id) WHERE (adjusts_record_id IS NOT NULL);
CREATE INDEX delta_items_root ON public.delta USING hash (items_root);
CREATE INDEX delta_key_digest ON public.delta USING hash (key_digest);
CREATE INDEX delta_reference ON public.delta USING btree (tenant_id, customer_no, reference_hash) WHERE (reference_hash IS NOT NULL);
CREATE INDEX delta_write ON public.delta USING btree (tenant_id, reference_hash, log_index) WHERE ((reason = 'write'::text) AND (reference_hash IS NOT NULL));
CREATE INDEX tenant_provisioning ON public.tenant USING btree (id) WHERE (status = 'provisioning'::text);
CREATE INDEX webhook_cursor_failing ON public.webhook_cursor USING btree (failing_since) WHERE (failing_since IS NOT NULL);
CREATE INDEX webhook_delivery_due ON public.webhook_delivery USING btree (tenant_id, endpoint_id, next_attempt_at) WHERE (next_attempt_at IS NOT NULL);
CREATE INDEX webhook_delivery_listed ON public.webhook_delivery USING btree (tenant_id, created_at DESC, event_id);
CREATE INDEX webhook_delivery_of_entry ON public.webhook_delivery USING btree (tenant_id, endpoint_id, log_index);
CREATE INDEX webhook_delivery_requested ON public.webhook_delivery USING btree (tenant_id, requested_at) WHERE (requested_at IS NOT NULL);
CREATE INDEX webhook_notice_untold ON public.webhook_notice USING btree (notice_no) WHERE (told_at IS NULL);

-- Functions

CREATE OR REPLACE FUNCTION public.counted_deltas(of_tenant_id integer, from_index bigint, to_index bigint)
 RETURNS bigint
 LANGUAGE sql
 STABLE
AS $function$
  select greatest(to_index - from_index, 0)
         - (select count(*) from checkpoint k
             where k.tenant_id = of_tenant_id and k.log_index >= from_index and k.log_index < to_index)
         - (select count(*) from void v
             where v.tenant_id = of_tenant_id and v.log_index >= from_index and v.log_index < to_index)
$function$;

CREATE OR REPLACE FUNCTION public.customer_months(of_tenant_id integer, of_customer_no integer, from_seq integer, to_seq integer)
 RETURNS TABLE(period text, first_seq integer, last_seq integer)
 LANGUAGE plpgsql
 STABLE
AS $function$
declare
  next_month timestamptz;
begin
  first_seq := from_seq;
  while first_seq <= to_seq loop
    select to_char(d.created_at at time zone 'UTC', 'YYYY-MM'),
           (date_trunc('month', d.created_at at time zone 'UTC') + interval '1 month') at time zone 'UTC'
      into strict period, next_month
      from delta d where d.tenant_id = of_tenant_id and d.customer_no = of_customer_no and d.seq = first_seq;
    last_seq := first_seq_at_or_after(of_tenant_id, of_customer_no, to_seq, next_month) - 1;
    return next;
    first_seq := last_seq + 1;
  end loop;
end
$function$;

CREATE OR REPLACE FUNCTION public.first_log_index_at_or_after(of_tenant_id integer, log_size bigint, instant timestamp with time zone)
 RETURNS bigint
 LANGUAGE plpgsql
 STABLE
AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION public.first_seq_at_or_after(of_tenant_id integer, of_customer_no integer, last_seq integer, instant timestamp with time zone)
 RETURNS integer
 LANGUAGE plpgsql
 STABLE
AS $function$
declare
  low int := 1;
  high int := last_seq + 1;
  middle int;
  middle_at timestamptz;
begin
  while low < high loop
    middle := low + (high - low) / 2;
    select d.created_at into strict middle_at
      from delta d where d.tenant_id = of_tenant_id and d.customer_no = of_customer_no and d.seq = middle;
    if middle_at < instant then low := middle + 1; else high := middle; end if;
  end loop;
  return low;
end
$function$;

CREATE OR REPLACE FUNCTION public.last_seq_below(of_tenant_id integer, of_customer_no integer, last_seq integer, end_index bigint)
 RETURNS integer
 LANGUAGE plpgsql
 STABLE
AS $function$
declare
  low int := 0;
  high int := last_seq;
  middle int;
  middle_index bigint;
begin
  while low < high loop
    middle := low + (high - low + 1) / 2;
    select d.log_index into middle_index
      from delta d where d.tenant_id = of_tenant_id and d.customer_no = of_customer_no and d.seq = middle;
    -- A row that is not there is damage itself: nothing from it on counts.
    if middle_index is null or middle_index >= end_index then high := middle - 1; else low := middle; end if;
  end loop;
  return low;
end
$function$;

CREATE OR REPLACE FUNCTION public.lock_log(locked_tenant_id integer, OUT size bigint, OUT delta_count bigint, OUT customer_count integer, OUT last_created_at timestamp with time zone, OUT append_mark bigint, OUT database_now timestamp with time zone, OUT status text, OUT lifetime_cap bigint, OUT writes_allowed boolean, OUT blocked_code text)
 RETURNS record
 LANGUAGE plpgsql
AS $function$
begin
  select h.size, h.delta_count, h.customer_count, h.last_created_at, h.append_mark
    into lock_log.size, lock_log.delta_count, lock_log.customer_count, lock_log.last_created_at, lock_log.append_mark
    from log_head h where h.tenant_id = locked_tenant_id for update;
  select clock_timestamp(), t.status, t.lifetime_cap, t.writes_allowed, s.blocked_code
    into lock_log.database_now, lock_log.status, lock_log.lifetime_cap, lock_log.writes_allowed, lock_log.blocked_code
    from tenant t left join verify_state s on s.tenant_id = t.id where t.id = locked_tenant_id;
end
$function$;

CREATE OR REPLACE FUNCTION public.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'rows of % are append-only', tg_table_name using errcode = 'restrict_violation';
end
$function$;

CREATE OR REPLACE FUNCTION public.refuse_once_signed()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if not exists (select from checkpoint_cut u
                   join log_note n on n.tenant_id = u.tenant_id and n.size >= u.cut_size
                  where u.tenant_id = old.tenant_id and u.nonce = old.nonce) then
    return old;
  end if;
  raise exception 'rows of % are append-only', tg_table_name using errcode = 'restrict_violation';
end
$function$;

CREATE OR REPLACE FUNCTION public.refuse_unless_voided()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if exists (select from void v where v.tenant_id = old.tenant_id and v.log_index = old.log_index)
     and not exists (select from log_note n where n.tenant_id = old.tenant_id and n.size > old.log_index) then
    return old;
  end if;
  raise exception 'rows of % are append-only', tg_table_name using errcode = 'restrict_violation';
end
$function$;

CREATE OR REPLACE FUNCTION public.refuse_while_there()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if old.kind = 'checkpoint'
     and not exists (select from checkpoint k where k.tenant_id = old.tenant_id and k.key_digest = old.key_digest)
     and not exists (select from checkpoint_cut u where u.tenant_id = old.tenant_id and u.key_digest = old.key_digest) then
    return old;
  end if;
  raise exception 'rows of % are append-only', tg_table_name using errcode = 'restrict_violation';
end
$function$;

CREATE OR REPLACE FUNCTION public.tenants_in(of_table regclass)
 RETURNS SETOF integer
 LANGUAGE plpgsql
 STABLE
AS $function$
declare
  last int := -2147483648;
begin
  loop
    execute format('select min(tenant_id) from %s where tenant_id > $1', of_table) into last using last;
    exit when last is null;
    return next last;
  end loop;
end
$function$;

-- Triggers

CREATE TRIGGER batch_request_append_only BEFORE UPDATE OR TRUNCATE ON public.batch_request FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER batch_request_gone_only BEFORE DELETE ON public.batch_request FOR EACH ROW EXECUTE FUNCTION refuse_while_there();
CREATE TRIGGER checkpoint_append_only BEFORE UPDATE OR TRUNCATE ON public.checkpoint FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER checkpoint_voided_only BEFORE DELETE ON public.checkpoint FOR EACH ROW EXECUTE FUNCTION refuse_unless_voided();
CREATE TRIGGER checkpoint_cut_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.checkpoint_cut FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER checkpoint_part_append_only BEFORE UPDATE OR TRUNCATE ON public.checkpoint_part FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER checkpoint_part_unsigned_only BEFORE DELETE ON public.checkpoint_part FOR EACH ROW EXECUTE FUNCTION refuse_once_signed();
CREATE TRIGGER customer_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.customer FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER customer_total_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.customer_total FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER delta_append_only BEFORE UPDATE OR TRUNCATE ON public.delta FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER delta_voided_only BEFORE DELETE ON public.delta FOR EACH ROW EXECUTE FUNCTION refuse_unless_voided();
CREATE TRIGGER fact_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.fact FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.log FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_anchor_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.log_anchor FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_note_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.log_note FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER log_tile_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.log_tile FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER void_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.void FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Privileges on schemas

GRANT USAGE ON SCHEMA public TO pacspace_api;
GRANT USAGE ON SCHEMA public TO pacspace_worker;

-- Privileges on tables

GRANT INSERT, SELECT, UPDATE ON api_key TO pacspace_api;
GRANT SELECT ON api_key TO pacspace_worker;
GRANT INSERT, SELECT, UPDATE ON api_key_use TO pacspace_api;
GRANT INSERT, SELECT ON batch_request TO pacspace_api;
GRANT SELECT ON batch_request TO pacspace_worker;
GRANT SELECT ON bucket_verified TO pacspace_api;
GRANT INSERT, SELECT, UPDATE ON bucket_verified TO pacspace_worker;
GRANT INSERT, SELECT ON checkpoint TO pacspace_api;
GRANT SELECT ON checkpoint TO pacspace_worker;
GRANT SELECT ON checkpoint_check TO pacspace_api;
GRANT INSERT, SELECT, UPDATE ON checkpoint_check TO pacspace_worker;
GRANT INSERT, SELECT ON checkpoint_cut TO pacspace_api;
GRANT SELECT ON checkpoint_cut TO pacspace_worker;
GRANT INSERT, SELECT ON checkpoint_part TO pacspace_api;
GRANT SELECT ON checkpoint_part TO pacspace_worker;
GRANT INSERT, SELECT ON customer TO pacspace_api;
GRANT SELECT ON customer TO pacspace_worker;
GRANT INSERT, SELECT ON customer_profile TO pacspace_api;
GRANT SELECT ON customer_profile TO pacspace_worker;
GRANT SELECT ON customer_total TO pacspace_api;
GRANT INSERT, SELECT ON customer_total TO pacspace_worker;
GRANT SELECT ON customer_verified TO pacspace_api;
GRANT INSERT, SELECT, UPDATE ON customer_verified TO pacspace_worker;
GRANT INSERT, SELECT ON delta TO pacspace_api;
GRANT SELECT ON delta TO pacspace_worker;
GRANT INSERT, SELECT ON fact TO pacspace_api;
GRANT SELECT ON fact TO pacspace_worker;
GRANT SELECT ON log TO pacspace_api;
GRANT INSERT, SELECT ON log TO pacspace_worker;
GRANT SELECT ON log_anchor TO pacspace_api;
GRANT INSERT, SELECT ON log_anchor TO pacspace_worker;
GRANT SELECT, UPDATE ON log_head TO pacspace_api;
GRANT INSERT, SELECT ON log_head TO pacspace_worker;
GRANT INSERT, SELECT ON log_key TO pacspace_worker;
GRANT SELECT ON log_note TO pacspace_api;
GRANT INSERT, SELECT ON log_note TO pacspace_worker;
GRANT SELECT ON log_tile TO pacspace_api;
GRANT INSERT, SELECT ON log_tile TO pacspace_worker;
GRANT SELECT ON stored_checkpoint TO pacspace_api;
GRANT SELECT ON stored_checkpoint TO pacspace_worker;
GRANT SELECT ON stored_delta TO pacspace_api;
GRANT SELECT ON stored_delta TO pacspace_worker;
GRANT INSERT, SELECT, UPDATE ON tenant TO pacspace_api;
GRANT SELECT, UPDATE ON tenant TO pacspace_worker;
GRANT SELECT ON tree_head TO pacspace_api;
GRANT INSERT, SELECT, UPDATE ON tree_head TO pacspace_worker;
GRANT SELECT ON verified_head TO pacspace_api;
GRANT INSERT, SELECT, UPDATE ON verified_head TO pacspace_worker;
GRANT SELECT ON verify_state TO pacspace_api;
GRANT DELETE, INSERT, SELECT, UPDATE ON verify_state TO pacspace_worker;
GRANT SELECT ON void TO pacspace_api;
GRANT SELECT ON void TO pacspace_worker;
GRANT INSERT, SELECT, UPDATE ON webhook_cursor TO pacspace_api;
GRANT SELECT, UPDATE ON webhook_cursor TO pacspace_worker;
GRANT INSERT, SELECT, UPDATE ON webhook_delivery TO pacspace_api;
GRANT INSERT, SELECT, UPDATE ON webhook_delivery TO pacspace_worker;
GRANT INSERT, SELECT, UPDATE ON webhook_endpoint TO pacspace_api;
GRANT SELECT, UPDATE ON webhook_endpoint TO pacspace_worker;
GRANT SELECT, UPDATE ON webhook_notice TO pacspace_api;
GRANT INSERT ON webhook_notice TO pacspace_worker;
GRANT INSERT, SELECT ON webhook_source TO pacspace_api;
GRANT SELECT ON webhook_source TO pacspace_worker;

-- Privileges on functions

GRANT EXECUTE ON FUNCTION counted_deltas(integer,bigint,bigint) TO pacspace_api;
GRANT EXECUTE ON FUNCTION counted_deltas(integer,bigint,bigint) TO pacspace_worker;
GRANT EXECUTE ON FUNCTION customer_months(integer,integer,integer,integer) TO pacspace_api;
GRANT EXECUTE ON FUNCTION first_log_index_at_or_after(integer,bigint,timestamp with time zone) TO pacspace_api;
GRANT EXECUTE ON FUNCTION first_log_index_at_or_after(integer,bigint,timestamp with time zone) TO pacspace_worker;
GRANT EXECUTE ON FUNCTION first_seq_at_or_after(integer,integer,integer,timestamp with time zone) TO pacspace_api;
GRANT EXECUTE ON FUNCTION first_seq_at_or_after(integer,integer,integer,timestamp with time zone) TO pacspace_worker;
GRANT EXECUTE ON FUNCTION last_seq_below(integer,integer,integer,bigint) TO pacspace_api;
GRANT EXECUTE ON FUNCTION last_seq_below(integer,integer,integer,bigint) TO pacspace_worker;
GRANT EXECUTE ON FUNCTION lock_log(integer) TO pacspace_api;
GRANT EXECUTE ON FUNCTION lock_log(integer) TO pacspace_worker;
GRANT EXECUTE ON FUNCTION refuse_change() TO PUBLIC;
GRANT EXECUTE ON FUNCTION refuse_once_signed() TO PUBLIC;
GRANT EXECUTE ON FUNCTION refuse_unless_voided() TO PUBLIC;
GRANT EXECUTE ON FUNCTION refuse_while_there() TO PUBLIC;
GRANT EXECUTE ON FUNCTION tenants_in(regclass) TO pacspace_api;
GRANT EXECUTE ON FUNCTION tenants_in(regclass) TO pacspace_worker;
