-- The service works under this role, never as the owner of the tables. Roles belong to the whole server, so it may
-- exist already.
do $$
begin
  begin
    create role pacspace_control nologin;
  exception when duplicate_object or unique_violation then
    null;
  end;
  grant pacspace_control to current_user;
end
$$;

grant usage on schema public to pacspace_control;

-- Asks for a background job in the caller's transaction: it runs if and only if that commits. The queue's own tables
-- (graphile-worker) stay closed to the service role; this is all it may do with them.
-- `key`: at most one waiting job has it; asked for again, it runs at once. Four tries within a minute: what fails longer
-- is asked for again by the service's reconcile step, at its pace.
create function enqueue_job(task text, payload json, key text) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform graphile_worker.add_job(task, payload => payload, job_key => key, max_attempts => 4);
end
$$;

revoke execute on function enqueue_job from public;
grant execute on function enqueue_job to pacspace_control;
