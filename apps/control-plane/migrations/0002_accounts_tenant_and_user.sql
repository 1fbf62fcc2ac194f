-- The organisation that owns an account.
create table tenant (
  id text primary key check (id ~ '^tnt_[0-9a-z]{26}$'),
  company_name text not null,
  created_at timestamptz not null
);

grant select, insert on tenant to pacspace_control;

-- A person who logs in ("user" is a reserved word).
create table tenant_user (
  id text primary key check (id ~ '^usr_[0-9a-z]{26}$'),
  tenant_id text not null references tenant,
  -- As it was typed, trimmed: mails go there.
  email text not null,
  -- The address as it is compared: see emailKey in email-address.ts.
  email_key text not null unique,
  first_name text not null,
  last_name text not null,
  -- PHC string of Argon2id, parameters included.
  password_hash text not null check (password_hash like '$argon2id$%'),
  role text not null check (role in ('viewer', 'developer', 'admin', 'owner')),
  verified_at timestamptz,
  -- Tokens carry it; raising it ends them all.
  session_version int not null default 1,
  preferred_environment text not null default 'sandbox' check (preferred_environment in ('sandbox', 'production')),
  created_at timestamptz not null
);

create index tenant_user_of_tenant on tenant_user (tenant_id);

grant select, insert, update on tenant_user to pacspace_control;

-- Tokens that prove an e-mail address. Only their SHA-256 is kept; the clear text exists in the mail alone.
create table email_verification (
  token_hash bytea primary key check (octet_length(token_hash) = 32),
  user_id text not null references tenant_user,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz
);

create index email_verification_of_user on email_verification (user_id);

grant select, insert, update on email_verification to pacspace_control;

-- Attempts counted against an account, an address or a recipient of mail. Shared by all processes; rows are worth
-- nothing once they are old and are swept away.
create table throttle (
  -- SHA-256 of what is counted, so that no address or e-mail of a stranger is kept.
  key bytea primary key check (octet_length(key) = 32),
  attempts int not null check (attempts > 0),
  last_attempt_at timestamptz not null
);

create index throttle_age on throttle (last_attempt_at);

grant select, insert, update, delete on throttle to pacspace_control;
