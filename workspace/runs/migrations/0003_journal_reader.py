"""The tails' look-up keeps its plan for the life of a connection. A function in SQL is planned at each call, and this one
is called up to a hundred times a second by every web process.
"""

from django.db import migrations

READER = """
set local role atrium_lookup;
create or replace function lookup.journal_after(runs uuid[], days date[], after integer[])
  returns table (run uuid, ordinal integer, first_sequence integer, last_sequence integer, events bytea)
  language plpgsql stable security definer
  set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
  begin
    return query select found.* from unnest($1, $2, $3) wanted(run, day, ordinal) cross join lateral (
      select j.run, j.ordinal, j.first_sequence, j.last_sequence, j.events from public.runs_journal j
      where j.day = wanted.day and j.run = wanted.run and j.ordinal > wanted.ordinal and j.events is not null
      order by j.ordinal limit 256) found;
  end $$;
reset role
"""
BEFORE = """
set local role atrium_lookup;
create or replace function lookup.journal_after(runs uuid[], days date[], after integer[])
  returns table (run uuid, ordinal integer, first_sequence integer, last_sequence integer, events bytea)
  stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select found.* from unnest($1, $2, $3) wanted(run, day, ordinal) cross join lateral (
      select j.run, j.ordinal, j.first_sequence, j.last_sequence, j.events from public.runs_journal j
      where j.day = wanted.day and j.run = wanted.run and j.ordinal > wanted.ordinal and j.events is not null
      order by j.ordinal limit 256) found;
  end;
reset role
"""


class Migration(migrations.Migration):
    dependencies = [("runs", "0002_journal")]
    operations = [migrations.RunSQL(READER, BEFORE)]
