-- Log-ins that were ended before their tokens expire. Swept once no token can name them any more.
create table ended_session (
  session_id text primary key,
  ended_at timestamptz not null
);

create index ended_session_age on ended_session (ended_at);

grant select, insert, update, delete on ended_session to pacspace_control;

-- Tokens that replace a forgotten password. Only their SHA-256 is kept; the clear text exists in the mail alone.
create table password_reset (
  token_hash bytea primary key check (octet_length(token_hash) = 32),
  user_id text not null references tenant_user,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  -- Used, or made void by a newer one or by a new password.
  ended_at timestamptz
);

create index password_reset_open on password_reset (user_id) where ended_at is null;

grant select, insert, update on password_reset to pacspace_control;

-- Browsers and addresses from which an account was entered before: somebody who guesses elsewhere does not hold them up.
create table known_device (
  -- SHA-256 of the account and the device's cookie, or of the account and the address.
  key bytea primary key check (octet_length(key) = 32),
  seen_at timestamptz not null
);

create index known_device_age on known_device (seen_at);

grant select, insert, update, delete on known_device to pacspace_control;

-- Of a person who was removed only what the activity log shows is kept; the address is free again.
alter table tenant_user
  alter column email_key drop not null,
  alter column password_hash drop not null,
  add column removed_at timestamptz,
  add column last_login_at timestamptz,
  add check ((removed_at is null) = (email_key is not null and password_hash is not null));

-- Settings that people change.
grant update (company_name) on tenant to pacspace_control;
