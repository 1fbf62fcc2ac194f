-- Mails to send. A row is written in the transaction of what it tells about; a job sends it and notes so. Secrets are
-- not in here: a link's token is made while the mail is written.
create table mail (
  id bigint primary key generated always as identity,
  kind text not null check (kind in ('verify_email', 'address_taken')),
  user_id text not null references tenant_user,
  created_at timestamptz not null,
  -- When to try again if it is not sent by then.
  next_attempt_at timestamptz not null,
  sent_at timestamptz
);

create index mail_unsent on mail (next_attempt_at) where sent_at is null;

grant select, insert, update on mail to pacspace_control;
