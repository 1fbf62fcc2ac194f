-- More to say than about one's own address: the kinds are named in mail/mail.sql.ts, what they tell stands in `details`
-- (names and figures, never a secret), and an invitation goes to somebody who is no user yet.
alter table mail
  drop constraint mail_kind_check,
  add check (kind ~ '^[a-z_]+$'),
  alter column user_id drop not null,
  add column invitation_id text references invitation,
  add column details jsonb not null default '{}' check (jsonb_typeof(details) = 'object'),
  add check ((user_id is null) <> (invitation_id is null));
