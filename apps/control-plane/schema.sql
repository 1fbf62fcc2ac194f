-- Generated from apps/control-plane/migrations by npm run gen. Do not edit.

-- Roles

CREATE ROLE pacspace_control NOLOGIN;

-- Tables

CREATE TABLE audit_entry (
  no bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  id text NOT NULL,
  tenant_id text NOT NULL,
  actor_kind text NOT NULL,
  actor_id text,
  action text NOT NULL,
  target text NOT NULL,
  environment text,
  details jsonb NOT NULL,
  address text,
  request_id text,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT audit_entry_pkey PRIMARY KEY (no),
  CONSTRAINT audit_entry_id_key UNIQUE (id),
  CONSTRAINT audit_entry_action_check CHECK ((action ~ '^[a-z_]+\.[a-z_]+$'::text)),
  CONSTRAINT audit_entry_actor_id_check CHECK ((actor_id ~ '^usr_[0-9a-z]{26}$'::text)),
  CONSTRAINT audit_entry_actor_kind_check CHECK ((actor_kind = ANY (ARRAY['user'::text, 'operator'::text, 'system'::text, 'unknown'::text]))),
  CONSTRAINT audit_entry_check CHECK (((actor_kind = 'user'::text) = (actor_id IS NOT NULL))),
  CONSTRAINT audit_entry_details_check CHECK ((jsonb_typeof(details) = 'object'::text)),
  CONSTRAINT audit_entry_environment_check CHECK ((environment = ANY (ARRAY['sandbox'::text, 'production'::text]))),
  CONSTRAINT audit_entry_id_check CHECK ((id ~ '^aud_[0-9a-z]{26}$'::text)),
  CONSTRAINT audit_entry_tenant_id_check CHECK ((tenant_id ~ '^tnt_[0-9a-z]{26}$'::text))
);

CREATE TABLE audit_intent (
  no bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  tenant_id text NOT NULL,
  actor_id text NOT NULL,
  action text NOT NULL,
  target text NOT NULL,
  environment text NOT NULL,
  details jsonb NOT NULL,
  address text,
  request_id text,
  created_at timestamp with time zone NOT NULL,
  CONSTRAINT audit_intent_pkey PRIMARY KEY (no),
  CONSTRAINT audit_intent_details_check CHECK ((jsonb_typeof(details) = 'object'::text)),
  CONSTRAINT audit_intent_environment_check CHECK ((environment = ANY (ARRAY['sandbox'::text, 'production'::text])))
);

CREATE TABLE audit_leaf (
  log_index bigint NOT NULL,
  entry_no bigint NOT NULL,
  leaf bytea NOT NULL,
  nodes bytea NOT NULL,
  CONSTRAINT audit_leaf_pkey PRIMARY KEY (log_index),
  CONSTRAINT audit_leaf_entry_no_key UNIQUE (entry_no),
  CONSTRAINT audit_leaf_entry_no_fkey FOREIGN KEY (entry_no) REFERENCES audit_entry(no),
  CONSTRAINT audit_leaf_leaf_check CHECK ((octet_length(leaf) = 32)),
  CONSTRAINT audit_leaf_log_index_check CHECK ((log_index >= 0)),
  CONSTRAINT audit_leaf_nodes_check CHECK (((octet_length(nodes) % 32) = 0))
);

CREATE TABLE audit_note (
  size bigint NOT NULL,
  root bytea NOT NULL,
  note text NOT NULL,
  signed_at timestamp with time zone NOT NULL,
  CONSTRAINT audit_note_pkey PRIMARY KEY (size),
  CONSTRAINT audit_note_root_check CHECK ((octet_length(root) = 32)),
  CONSTRAINT audit_note_size_check CHECK ((size > 0))
);

CREATE TABLE audit_pending (
  entry_no bigint NOT NULL,
  CONSTRAINT audit_pending_pkey PRIMARY KEY (entry_no),
  CONSTRAINT audit_pending_entry_no_fkey FOREIGN KEY (entry_no) REFERENCES audit_entry(no)
);

CREATE TABLE contract (
  tenant_id text NOT NULL,
  environment text NOT NULL,
  id text NOT NULL,
  status text NOT NULL,
  reason text,
  requested_at timestamp with time zone NOT NULL,
  provisioned_at timestamp with time zone,
  CONSTRAINT contract_pkey PRIMARY KEY (tenant_id, environment),
  CONSTRAINT contract_id_key UNIQUE (id),
  CONSTRAINT contract_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id),
  CONSTRAINT contract_check CHECK (((status = 'error'::text) = (reason IS NOT NULL))),
  CONSTRAINT contract_check1 CHECK (((status <> 'active'::text) OR (provisioned_at IS NOT NULL))),
  CONSTRAINT contract_environment_check CHECK ((environment = ANY (ARRAY['sandbox'::text, 'production'::text]))),
  CONSTRAINT contract_id_check CHECK ((id ~ '^ctr_[0-9a-z]{26}$'::text)),
  CONSTRAINT contract_status_check CHECK ((status = ANY (ARRAY['provisioning'::text, 'active'::text, 'error'::text])))
);

CREATE TABLE email_verification (
  token_hash bytea NOT NULL,
  user_id text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  used_at timestamp with time zone,
  CONSTRAINT email_verification_pkey PRIMARY KEY (token_hash),
  CONSTRAINT email_verification_user_id_fkey FOREIGN KEY (user_id) REFERENCES tenant_user(id),
  CONSTRAINT email_verification_token_hash_check CHECK ((octet_length(token_hash) = 32))
);

CREATE TABLE ended_session (
  session_id text NOT NULL,
  ended_at timestamp with time zone NOT NULL,
  CONSTRAINT ended_session_pkey PRIMARY KEY (session_id)
);

CREATE TABLE entitlement_push (
  tenant_id text NOT NULL,
  environment text NOT NULL,
  version integer NOT NULL,
  pushed_at timestamp with time zone NOT NULL,
  CONSTRAINT entitlement_push_pkey PRIMARY KEY (tenant_id, environment),
  CONSTRAINT entitlement_push_tenant_id_environment_fkey FOREIGN KEY (tenant_id, environment) REFERENCES contract(tenant_id, environment),
  CONSTRAINT entitlement_push_version_check CHECK ((version > 0))
);

CREATE TABLE invitation (
  id text NOT NULL,
  tenant_id text NOT NULL,
  email text NOT NULL,
  email_key text NOT NULL,
  role text NOT NULL,
  invited_by text NOT NULL,
  token_hash bytea,
  created_at timestamp with time zone NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  ended_at timestamp with time zone,
  CONSTRAINT invitation_pkey PRIMARY KEY (id),
  CONSTRAINT invitation_token_hash_key UNIQUE (token_hash),
  CONSTRAINT invitation_invited_by_fkey FOREIGN KEY (invited_by) REFERENCES tenant_user(id),
  CONSTRAINT invitation_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id),
  CONSTRAINT invitation_id_check CHECK ((id ~ '^inv_[0-9a-z]{26}$'::text)),
  CONSTRAINT invitation_role_check CHECK ((role = ANY (ARRAY['viewer'::text, 'developer'::text, 'admin'::text, 'owner'::text]))),
  CONSTRAINT invitation_token_hash_check CHECK ((octet_length(token_hash) = 32))
);

CREATE TABLE invoice (
  id text NOT NULL,
  tenant_id text NOT NULL,
  period text NOT NULL,
  lines jsonb NOT NULL,
  total_usd numeric NOT NULL,
  issued_at timestamp with time zone NOT NULL,
  CONSTRAINT invoice_pkey PRIMARY KEY (id),
  CONSTRAINT invoice_tenant_id_period_key UNIQUE (tenant_id, period),
  CONSTRAINT invoice_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id),
  CONSTRAINT invoice_id_check CHECK ((id ~ '^bill_[0-9a-z]{26}$'::text)),
  CONSTRAINT invoice_period_check CHECK ((period ~ '^\d{4}-(0[1-9]|1[0-2])$'::text)),
  CONSTRAINT invoice_total_usd_check CHECK ((total_usd >= (0)::numeric))
);

CREATE TABLE known_device (
  key bytea NOT NULL,
  seen_at timestamp with time zone NOT NULL,
  CONSTRAINT known_device_pkey PRIMARY KEY (key),
  CONSTRAINT known_device_key_check CHECK ((octet_length(key) = 32))
);

CREATE TABLE mail (
  id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
  kind text NOT NULL,
  user_id text,
  created_at timestamp with time zone NOT NULL,
  next_attempt_at timestamp with time zone NOT NULL,
  sent_at timestamp with time zone,
  invitation_id text,
  details jsonb NOT NULL DEFAULT '{}'::jsonb,
  CONSTRAINT mail_pkey PRIMARY KEY (id),
  CONSTRAINT mail_invitation_id_fkey FOREIGN KEY (invitation_id) REFERENCES invitation(id),
  CONSTRAINT mail_user_id_fkey FOREIGN KEY (user_id) REFERENCES tenant_user(id),
  CONSTRAINT mail_check CHECK (((user_id IS NULL) <> (invitation_id IS NULL))),
  CONSTRAINT mail_details_check CHECK ((jsonb_typeof(details) = 'object'::text)),
  CONSTRAINT mail_kind_check CHECK ((kind ~ '^[a-z_]+$'::text))
);

CREATE TABLE password_reset (
  token_hash bytea NOT NULL,
  user_id text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  ended_at timestamp with time zone,
  CONSTRAINT password_reset_pkey PRIMARY KEY (token_hash),
  CONSTRAINT password_reset_user_id_fkey FOREIGN KEY (user_id) REFERENCES tenant_user(id),
  CONSTRAINT password_reset_token_hash_check CHECK ((octet_length(token_hash) = 32))
);

CREATE TABLE plan_change (
  tenant_id text NOT NULL,
  version integer NOT NULL,
  tier text NOT NULL,
  rate_per_second integer,
  monthly_allotment bigint,
  since timestamp with time zone NOT NULL,
  CONSTRAINT plan_change_pkey PRIMARY KEY (tenant_id, version),
  CONSTRAINT plan_change_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id),
  CONSTRAINT plan_change_tier_check CHECK ((tier = ANY (ARRAY['free'::text, 'pilot'::text, 'starter'::text, 'growth'::text, 'scale'::text, 'enterprise'::text])))
);

CREATE TABLE schema_migration (
  version integer NOT NULL,
  name text NOT NULL,
  checksum text NOT NULL,
  applied_at timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT schema_migration_pkey PRIMARY KEY (version)
);

CREATE TABLE settings_push (
  tenant_id text NOT NULL,
  environment text NOT NULL,
  version integer NOT NULL,
  pushed_at timestamp with time zone NOT NULL,
  CONSTRAINT settings_push_pkey PRIMARY KEY (tenant_id, environment),
  CONSTRAINT settings_push_tenant_id_environment_fkey FOREIGN KEY (tenant_id, environment) REFERENCES contract(tenant_id, environment),
  CONSTRAINT settings_push_version_check CHECK ((version > 0))
);

CREATE TABLE stripe_customer (
  tenant_id text NOT NULL,
  customer_id text NOT NULL,
  subscription_id text,
  tier text,
  cancel_at_period_end boolean NOT NULL DEFAULT false,
  current_period_end timestamp with time zone,
  version integer NOT NULL DEFAULT 1,
  CONSTRAINT stripe_customer_pkey PRIMARY KEY (tenant_id),
  CONSTRAINT stripe_customer_customer_id_key UNIQUE (customer_id),
  CONSTRAINT stripe_customer_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id),
  CONSTRAINT stripe_customer_check CHECK (((subscription_id IS NULL) = (tier IS NULL))),
  CONSTRAINT stripe_customer_tier_check CHECK ((tier = ANY (ARRAY['pilot'::text, 'starter'::text, 'growth'::text, 'scale'::text])))
);

CREATE TABLE stripe_event (
  id text NOT NULL,
  type text NOT NULL,
  customer_id text,
  received_at timestamp with time zone NOT NULL,
  synced_at timestamp with time zone,
  CONSTRAINT stripe_event_pkey PRIMARY KEY (id)
);

CREATE TABLE tenant (
  id text NOT NULL,
  company_name text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  public_records boolean NOT NULL DEFAULT true,
  settings_version integer NOT NULL DEFAULT 1,
  CONSTRAINT tenant_pkey PRIMARY KEY (id),
  CONSTRAINT tenant_id_check CHECK ((id ~ '^tnt_[0-9a-z]{26}$'::text))
);

CREATE TABLE tenant_plan (
  tenant_id text NOT NULL,
  tier text NOT NULL,
  rate_per_second integer,
  monthly_allotment bigint,
  version integer NOT NULL DEFAULT 1,
  updated_at timestamp with time zone NOT NULL,
  settled_period text,
  CONSTRAINT tenant_plan_pkey PRIMARY KEY (tenant_id),
  CONSTRAINT tenant_plan_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id),
  CONSTRAINT tenant_plan_monthly_allotment_check CHECK ((monthly_allotment > 0)),
  CONSTRAINT tenant_plan_rate_per_second_check CHECK ((rate_per_second > 0)),
  CONSTRAINT tenant_plan_settled_period_check CHECK ((settled_period ~ '^\d{4}-(0[1-9]|1[0-2])$'::text)),
  CONSTRAINT tenant_plan_tier_check CHECK ((tier = ANY (ARRAY['free'::text, 'pilot'::text, 'starter'::text, 'growth'::text, 'scale'::text, 'enterprise'::text])))
);

CREATE TABLE tenant_user (
  id text NOT NULL,
  tenant_id text NOT NULL,
  email text NOT NULL,
  email_key text,
  first_name text NOT NULL,
  last_name text NOT NULL,
  password_hash text,
  role text NOT NULL,
  verified_at timestamp with time zone,
  session_version integer NOT NULL DEFAULT 1,
  preferred_environment text NOT NULL DEFAULT 'sandbox'::text,
  created_at timestamp with time zone NOT NULL,
  removed_at timestamp with time zone,
  last_login_at timestamp with time zone,
  CONSTRAINT tenant_user_pkey PRIMARY KEY (id),
  CONSTRAINT tenant_user_email_key_key UNIQUE (email_key),
  CONSTRAINT tenant_user_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id),
  CONSTRAINT tenant_user_check CHECK (((removed_at IS NULL) = ((email_key IS NOT NULL) AND (password_hash IS NOT NULL)))),
  CONSTRAINT tenant_user_id_check CHECK ((id ~ '^usr_[0-9a-z]{26}$'::text)),
  CONSTRAINT tenant_user_password_hash_check CHECK ((password_hash ~~ '$argon2id$%'::text)),
  CONSTRAINT tenant_user_preferred_environment_check CHECK ((preferred_environment = ANY (ARRAY['sandbox'::text, 'production'::text]))),
  CONSTRAINT tenant_user_role_check CHECK ((role = ANY (ARRAY['viewer'::text, 'developer'::text, 'admin'::text, 'owner'::text])))
);

CREATE TABLE throttle (
  key bytea NOT NULL,
  attempts integer NOT NULL,
  last_attempt_at timestamp with time zone NOT NULL,
  CONSTRAINT throttle_pkey PRIMARY KEY (key),
  CONSTRAINT throttle_attempts_check CHECK ((attempts > 0)),
  CONSTRAINT throttle_key_check CHECK ((octet_length(key) = 32))
);

CREATE TABLE usage_notice (
  tenant_id text NOT NULL,
  period text NOT NULL,
  included bigint NOT NULL,
  percent integer NOT NULL,
  noticed_at timestamp with time zone NOT NULL,
  CONSTRAINT usage_notice_pkey PRIMARY KEY (tenant_id, period, included, percent),
  CONSTRAINT usage_notice_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id),
  CONSTRAINT usage_notice_percent_check CHECK ((percent = ANY (ARRAY[80, 100]))),
  CONSTRAINT usage_notice_period_check CHECK ((period ~ '^(\d{4}-(0[1-9]|1[0-2])|life)$'::text))
);

CREATE TABLE webhook_notice_told (
  environment text NOT NULL,
  notice_no bigint NOT NULL,
  told_at timestamp with time zone NOT NULL,
  CONSTRAINT webhook_notice_told_pkey PRIMARY KEY (environment, notice_no),
  CONSTRAINT webhook_notice_told_environment_check CHECK ((environment = ANY (ARRAY['sandbox'::text, 'production'::text])))
);

-- Indexes

CREATE INDEX audit_entry_of_tenant ON public.audit_entry USING btree (tenant_id, no);
CREATE INDEX contract_provisioning ON public.contract USING btree (requested_at) WHERE (status = 'provisioning'::text);
CREATE INDEX email_verification_of_user ON public.email_verification USING btree (user_id);
CREATE INDEX ended_session_age ON public.ended_session USING btree (ended_at);
CREATE UNIQUE INDEX invitation_open ON public.invitation USING btree (tenant_id, email_key) WHERE (ended_at IS NULL);
CREATE INDEX known_device_age ON public.known_device USING btree (seen_at);
CREATE INDEX mail_unsent ON public.mail USING btree (next_attempt_at) WHERE (sent_at IS NULL);
CREATE INDEX password_reset_open ON public.password_reset USING btree (user_id) WHERE (ended_at IS NULL);
CREATE INDEX plan_change_paid ON public.plan_change USING btree (tenant_id) WHERE (tier <> 'free'::text);
CREATE INDEX stripe_event_waiting ON public.stripe_event USING btree (customer_id) WHERE (synced_at IS NULL);
CREATE INDEX tenant_user_of_tenant ON public.tenant_user USING btree (tenant_id);
CREATE INDEX throttle_age ON public.throttle USING btree (last_attempt_at);

-- Functions

CREATE OR REPLACE FUNCTION public.enqueue_job(task text, payload json, key text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
begin
  perform graphile_worker.add_job(task, payload => payload, job_key => key, max_attempts => 4);
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

-- Triggers

CREATE TRIGGER audit_entry_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_leaf_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_leaf FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_note_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_note FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Privileges on schemas

GRANT USAGE ON SCHEMA public TO pacspace_control;

-- Privileges on tables

GRANT INSERT, SELECT ON audit_entry TO pacspace_control;
GRANT DELETE, INSERT, SELECT ON audit_intent TO pacspace_control;
GRANT INSERT, SELECT ON audit_leaf TO pacspace_control;
GRANT INSERT, SELECT ON audit_note TO pacspace_control;
GRANT DELETE, INSERT, SELECT ON audit_pending TO pacspace_control;
GRANT INSERT, SELECT, UPDATE ON contract TO pacspace_control;
GRANT INSERT, SELECT, UPDATE ON email_verification TO pacspace_control;
GRANT DELETE, INSERT, SELECT, UPDATE ON ended_session TO pacspace_control;
GRANT INSERT, SELECT, UPDATE ON entitlement_push TO pacspace_control;
GRANT INSERT, SELECT, UPDATE ON invitation TO pacspace_control;
GRANT INSERT, SELECT ON invoice TO pacspace_control;
GRANT DELETE, INSERT, SELECT, UPDATE ON known_device TO pacspace_control;
GRANT INSERT, SELECT, UPDATE ON mail TO pacspace_control;
GRANT INSERT, SELECT, UPDATE ON password_reset TO pacspace_control;
GRANT INSERT, SELECT ON plan_change TO pacspace_control;
GRANT INSERT, SELECT, UPDATE ON settings_push TO pacspace_control;
GRANT INSERT, SELECT, UPDATE ON stripe_customer TO pacspace_control;
GRANT INSERT, SELECT, UPDATE ON stripe_event TO pacspace_control;
GRANT INSERT, SELECT ON tenant TO pacspace_control;
GRANT INSERT, SELECT, UPDATE ON tenant_plan TO pacspace_control;
GRANT INSERT, SELECT, UPDATE ON tenant_user TO pacspace_control;
GRANT DELETE, INSERT, SELECT, UPDATE ON throttle TO pacspace_control;
GRANT INSERT, SELECT ON usage_notice TO pacspace_control;
GRANT INSERT, SELECT ON webhook_notice_told TO pacspace_control;

-- Privileges on columns

GRANT UPDATE (company_name, public_records, settings_version) ON tenant TO pacspace_control;

-- Privileges on functions

GRANT EXECUTE ON FUNCTION enqueue_job(text,json,text) TO pacspace_control;
GRANT EXECUTE ON FUNCTION refuse_change() TO PUBLIC;
