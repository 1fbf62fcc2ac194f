-- What usage counts is a number of log entries between two places, found without a scan: times never go back in a log.
-- The two functions below are the only places that know which kinds of entries a log holds and which of them count.
-- Whoever adds a kind replaces both (create or replace function) in its migration.

-- First index of a log whose entry was made at or after an instant; the log's size where there is none. A binary search
-- over primary keys. Each kind of entry is one more argument of the coalesce.
create function first_log_index_at_or_after(of_tenant_id int, log_size bigint, instant timestamptz) returns bigint
language plpgsql stable
as $$
declare
  low bigint := 0;
  high bigint := log_size;
  middle bigint;
  middle_at timestamptz;
begin
  while low < high loop
    middle := low + (high - low) / 2;
    middle_at := coalesce(
      (select d.created_at from delta d where d.tenant_id = of_tenant_id and d.log_index = middle)
    );
    if middle_at is null then
      raise exception 'no entry % in the log of tenant %', middle, of_tenant_id using errcode = 'data_corrupted';
    end if;
    if middle_at < instant then low := middle + 1; else high := middle; end if;
  end loop;
  return low;
end
$$;

-- How many of the entries in [from_index, to_index) an allowance counts: all but those of kinds that are free, whose
-- number is subtracted here.
create function counted_deltas(of_tenant_id int, from_index bigint, to_index bigint) returns bigint
language sql stable
as $$
  select greatest(to_index - from_index, 0)
$$;

revoke execute on function first_log_index_at_or_after, counted_deltas from public;
grant execute on function first_log_index_at_or_after, counted_deltas to pacspace_api, pacspace_worker;

-- Verified deltas that the plan includes each month (Free: for life), as the control plane pushed it; null by contract.
alter table tenant add column monthly_allotment bigint;
