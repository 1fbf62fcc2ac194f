-- The right to append to a tenant's log, and what the appender must know. One round trip with BEGIN. The row lock is
-- taken first; the clock is read after it, so that times never go back, and no later statement sees an older snapshot.
create function lock_log(
  locked_tenant_id int,
  out size bigint,
  out delta_count bigint,
  out customer_count int,
  out last_created_at timestamptz,
  out append_mark bigint,
  out database_now timestamptz,
  out status text,
  out lifetime_cap bigint,
  out writes_allowed boolean,
  out blocked_code text
)
language plpgsql
as $$
begin
  select h.size, h.delta_count, h.customer_count, h.last_created_at, h.append_mark
    into lock_log.size, lock_log.delta_count, lock_log.customer_count, lock_log.last_created_at, lock_log.append_mark
    from log_head h where h.tenant_id = locked_tenant_id for update;
  select clock_timestamp(), t.status, t.lifetime_cap, t.writes_allowed, s.blocked_code
    into lock_log.database_now, lock_log.status, lock_log.lifetime_cap, lock_log.writes_allowed, lock_log.blocked_code
    from tenant t left join verify_state s on s.tenant_id = t.id where t.id = locked_tenant_id;
end
$$;

-- First sequence number of a customer whose delta was created at or after an instant; one past the last where there is
-- none. Times never go back within a customer, so this is a binary search over the primary key and needs no time index.
create function first_seq_at_or_after(of_tenant_id int, of_customer_no int, last_seq int, instant timestamptz) returns int
language plpgsql stable
as $$
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
$$;

revoke execute on function lock_log, first_seq_at_or_after from public;
grant execute on function lock_log, first_seq_at_or_after to pacspace_api, pacspace_worker;
