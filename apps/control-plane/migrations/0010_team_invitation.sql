-- Offers of a place in a tenant. The token in the mail's link is kept by its SHA-256 alone; it is made when the mail is written.
create table invitation (
  id text primary key check (id ~ '^inv_[0-9a-z]{26}$'),
  tenant_id text not null references tenant,
  email text not null,
  -- The address as it is compared: see emailKey in email-address.ts.
  email_key text not null,
  role text not null check (role in ('viewer', 'developer', 'admin', 'owner')),
  invited_by text not null references tenant_user,
  token_hash bytea unique check (octet_length(token_hash) = 32),
  created_at timestamptz not null,
  expires_at timestamptz not null,
  -- Accepted, withdrawn, or replaced by a newer one.
  ended_at timestamptz
);

create unique index invitation_open on invitation (tenant_id, email_key) where ended_at is null;

grant select, insert, update on invitation to pacspace_control;
