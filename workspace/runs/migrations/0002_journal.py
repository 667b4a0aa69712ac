"""The journal: one row a group commit of a run, partitioned by the day on which the run was made.

`record` is private (token ids of every channel) and goes when the run is done; `events` is what it released. Nobody but
a runner may read `record`. There is no grant on partitions, and a parent's policy holds only through the parent.
"""

from django.db import migrations

from workspace.common.constraints import CONTEXT

# What a runner writes in one statement belongs to many workspaces; it names them for the transaction.
BATCH = "workspace_id = any ((select string_to_array(nullif(current_setting('app.workspaces', true), ''), ',')::uuid[])::uuid[])"

JOURNAL = f"""
create table runs_journal (
  day date not null, workspace_id uuid not null, run uuid not null, ordinal integer not null, epoch bigint not null,
  first_sequence integer, last_sequence integer, record bytea, events bytea,
  written_at timestamp with time zone not null default clock_timestamp(),
  primary key (day, run, ordinal)) partition by range (day);
alter table runs_journal enable row level security;
alter table runs_journal force row level security;
create policy tenant on runs_journal using (workspace_id = {CONTEXT}) with check (workspace_id = {CONTEXT});
create policy batch on runs_journal to atrium_runner using ({BATCH}) with check ({BATCH});
create policy lookup on runs_journal for select to atrium_lookup using (true);
create policy sweep_select on runs_journal for select to atrium_sweep using (true);
create policy sweep_update on runs_journal for update to atrium_sweep using (true);
grant select (day, workspace_id, run, ordinal, epoch, first_sequence, last_sequence, events, written_at), delete on runs_journal to atrium_web;
grant select, insert, update (record) on runs_journal to atrium_runner;
grant select (day, workspace_id, run, ordinal), update (record) on runs_journal to atrium_sweep;
grant select (day, run, ordinal, first_sequence, last_sequence, events) on runs_journal to atrium_lookup
"""

LOOKUPS = """
create policy lookup on runs_run for select to atrium_lookup using (true);
grant select (id, state, day, queued_at, ended_at) on runs_run to atrium_lookup;
set local role atrium_lookup;
create function lookup.journal_after(runs uuid[], days date[], after integer[])
  returns table (run uuid, ordinal integer, first_sequence integer, last_sequence integer, events bytea)
  stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select found.* from unnest($1, $2, $3) wanted(run, day, ordinal) cross join lateral (
      select j.run, j.ordinal, j.first_sequence, j.last_sequence, j.events from public.runs_journal j
      where j.day = wanted.day and j.run = wanted.run and j.ordinal > wanted.ordinal and j.events is not null
      order by j.ordinal limit 256) found;
  end;
create function lookup.queue_position(run uuid) returns bigint
  stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select nullif(count(*), 0) from public.runs_run mine join public.runs_run ahead
      on ahead.state = 'queued' and (ahead.queued_at, ahead.id) <= (mine.queued_at, mine.id)
      where mine.id = $1 and mine.state = 'queued';
  end;
create function lookup.unfinished_runs(day date) returns bigint
  stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select count(*) from public.runs_run r where r.day = $1 and r.ended_at is null;
  end;
revoke all on function lookup.journal_after, lookup.queue_position, lookup.unfinished_runs from public;
grant execute on function lookup.journal_after, lookup.queue_position to atrium_web, atrium_runner;
grant usage on schema lookup to atrium_owner, atrium_runner;
grant execute on function lookup.unfinished_runs to atrium_owner;
reset role
"""

# LIKE and ATTACH: CREATE ... PARTITION OF would lock the whole journal. The days to drop are judged by what
# atrium_lookup sees: under forced row level security the owner would find no unfinished run at all. To drop one locks the
# whole journal, and whoever writes waits behind that wait: so one a call, and no wait longer than a commit is held up.
PARTITIONS = """
create function runs_make_journal_day(day date) returns boolean language plpgsql
  security definer set search_path = pg_catalog, pg_temp as $$
declare name text := 'runs_journal_' || to_char(day, 'YYYYMMDD');
begin
  if to_regclass('public.' || name) is not null then return false; end if;
  perform pg_advisory_xact_lock(hashtext('runs_journal'));
  if to_regclass('public.' || name) is not null then return false; end if;
  execute format('create table public.%I (like public.runs_journal including all)', name);
  execute format('alter table public.%I enable row level security', name);
  execute format('alter table public.runs_journal attach partition public.%I for values from (%L) to (%L)',
    name, day, day + 1);
  return true;
end $$;
create function runs_drop_journal_days(before date) returns integer language plpgsql
  security definer set search_path = pg_catalog, pg_temp set lock_timeout = '50ms' as $$
declare found record;
begin
  for found in select c.relname, to_date(right(c.relname, 8), 'YYYYMMDD') as day
    from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent = 'public.runs_journal'::regclass
    order by day
  loop
    if found.day < before and lookup.unfinished_runs(found.day) = 0 then
      execute format('drop table public.%I', found.relname);
      return 1;
    end if;
  end loop;
  return 0;
end $$;
revoke all on function runs_make_journal_day, runs_drop_journal_days from public;
grant execute on function runs_make_journal_day to atrium_runner, atrium_sweep;
grant execute on function runs_drop_journal_days to atrium_sweep;
select runs_make_journal_day((now() at time zone 'utc')::date + ahead) from generate_series(0, 7) ahead
"""

UNLOOKUPS = """
set local role atrium_lookup;
drop function lookup.journal_after, lookup.queue_position, lookup.unfinished_runs;
revoke usage on schema lookup from atrium_owner, atrium_runner;
reset role;
drop policy lookup on runs_run;
revoke all on runs_run from atrium_lookup
"""


class Migration(migrations.Migration):
    dependencies = [("runs", "0001_runs"), ("accounts", "0002_lookups_and_grants")]
    operations = [
        migrations.RunSQL(JOURNAL, "drop table runs_journal"),
        migrations.RunSQL(LOOKUPS, UNLOOKUPS),
        migrations.RunSQL(PARTITIONS, "drop function runs_make_journal_day, runs_drop_journal_days"),
    ]
