-- Who found what verify_state says: the recomputation of new rows, or the scrubber, which walks old ones. Each takes back
-- only what it said itself.
alter table verify_state
  add column found_by text not null default 'recompute' check (found_by in ('recompute', 'scrub'));

-- The tenants that have rows in a table whose primary key they lead: one probe of it each, whatever its size.
create function tenants_in(of_table regclass) returns setof int
language plpgsql stable
as $$
declare
  last int := -2147483648;
begin
  loop
    execute format('select min(tenant_id) from %s where tenant_id > $1', of_table) into last using last;
    exit when last is null;
    return next last;
  end loop;
end
$$;

-- The last of a customer's deltas below a log index; 0 where there is none. Log indexes grow with sequence numbers, so a
-- binary search over unique (tenant, customer, seq).
create function last_seq_below(of_tenant_id int, of_customer_no int, last_seq int, end_index bigint) returns int
language plpgsql stable
as $$
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
$$;

revoke execute on function tenants_in, last_seq_below from public;
grant execute on function tenants_in, last_seq_below to pacspace_api, pacspace_worker;
