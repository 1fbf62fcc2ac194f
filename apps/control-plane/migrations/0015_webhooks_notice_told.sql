-- Notices of a plane about webhook endpoints whose mails are in the outbox. Written in the transaction of the mail, so that
-- a notice which the plane names again is told once.
create table webhook_notice_told (
  environment text not null check (environment in ('sandbox', 'production')),
  notice_no bigint not null,
  told_at timestamptz not null,
  primary key (environment, notice_no)
);

grant select, insert on webhook_notice_told to pacspace_control;
