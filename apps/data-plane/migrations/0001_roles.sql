-- The services work under these roles, never as the owner of the tables: what they may do is granted line by line, so
-- "append-only" is kept by the database and not only by our code (design.md §5.4). Roles belong to the whole server,
-- so they may exist already.
do $$
declare
  service_role text;
begin
  foreach service_role in array array['pacspace_api', 'pacspace_worker'] loop
    begin
      execute format('create role %I nologin', service_role);
    exception when duplicate_object or unique_violation then
      null;
    end;
    execute format('grant %I to current_user', service_role);
  end loop;
end
$$;

grant usage on schema public to pacspace_api, pacspace_worker;

-- Ledger rows are facts. Privileges already forbid changing them; the trigger stops the owner's slips as well.
create function refuse_change() returns trigger
language plpgsql
as $$
begin
  raise exception 'rows of % are append-only', tg_table_name using errcode = 'restrict_violation';
end
$$;
