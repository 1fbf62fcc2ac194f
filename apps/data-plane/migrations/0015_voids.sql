-- A void takes the place of an entry that no signed head covers, and that can neither be derived nor repaired
-- (docs/decisions/0083). What stood there moves into its row: nothing that a tenant was told of goes without a trace. Only
-- the owner of the tables, an operator, writes one.
alter table void
  -- When it was decided; created_at is its place in the log, whose times never go back.
  add column voided_at timestamptz not null,
  -- The row that stood there, whole, as RFC 8785 text; null where none did.
  add column kept text,
  drop constraint void_amount_check,
  -- A checkpoint that counted a void delta goes with it, and adds nothing.
  add constraint void_amount_check check (amount <> 0 or record_id like 'chk!_%' escape '!');

revoke insert on void from pacspace_api;

-- A row of the log leaves its table only into a void, and never once a head that covers it was signed.
create function refuse_unless_voided() returns trigger
language plpgsql
as $$
begin
  if exists (select from void v where v.tenant_id = old.tenant_id and v.log_index = old.log_index)
     and not exists (select from log_note n where n.tenant_id = old.tenant_id and n.size > old.log_index) then
    return old;
  end if;
  raise exception 'rows of % are append-only', tg_table_name using errcode = 'restrict_violation';
end
$$;

-- What is computed of a checkpoint of all customers is computed again, while no signed head reaches its cut.
create function refuse_once_signed() returns trigger
language plpgsql
as $$
begin
  if not exists (select from checkpoint_cut u
                   join log_note n on n.tenant_id = u.tenant_id and n.size >= u.cut_size
                  where u.tenant_id = old.tenant_id and u.nonce = old.nonce) then
    return old;
  end if;
  raise exception 'rows of % are append-only', tg_table_name using errcode = 'restrict_violation';
end
$$;

-- The key of a checkpoint goes with its checkpoint.
create function refuse_while_there() returns trigger
language plpgsql
as $$
begin
  if old.kind = 'checkpoint'
     and not exists (select from checkpoint k where k.tenant_id = old.tenant_id and k.key_digest = old.key_digest)
     and not exists (select from checkpoint_cut u where u.tenant_id = old.tenant_id and u.key_digest = old.key_digest) then
    return old;
  end if;
  raise exception 'rows of % are append-only', tg_table_name using errcode = 'restrict_violation';
end
$$;

drop trigger delta_append_only on delta;
create trigger delta_append_only before update or truncate on delta execute function refuse_change();
create trigger delta_voided_only before delete on delta for each row execute function refuse_unless_voided();

drop trigger checkpoint_append_only on checkpoint;
create trigger checkpoint_append_only before update or truncate on checkpoint execute function refuse_change();
create trigger checkpoint_voided_only before delete on checkpoint for each row execute function refuse_unless_voided();

drop trigger checkpoint_part_append_only on checkpoint_part;
create trigger checkpoint_part_append_only before update or truncate on checkpoint_part execute function refuse_change();
create trigger checkpoint_part_unsigned_only before delete on checkpoint_part for each row execute function refuse_once_signed();

drop trigger batch_request_append_only on batch_request;
create trigger batch_request_append_only before update or truncate on batch_request execute function refuse_change();
create trigger batch_request_gone_only before delete on batch_request for each row execute function refuse_while_there();
