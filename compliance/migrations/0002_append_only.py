"""What the ledger and the trail are, beyond their columns: append-only for everybody, and in line for the sealer."""

from django.db import migrations

# Against the owner too, who needs no grant. Whoever takes the trigger off is found out by `verify_audit`.
APPEND_ONLY = """
create function compliance_refuse() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end $$;
revoke all on function compliance_refuse from public;
create trigger append_only before update or delete or truncate on compliance_consent
  for each statement execute function compliance_refuse();
create trigger append_only before update or delete or truncate on compliance_auditentry
  for each statement execute function compliance_refuse();
create trigger append_only before update or delete or truncate on compliance_auditlink
  for each statement execute function compliance_refuse()
"""
UNAPPEND_ONLY = """
drop trigger append_only on compliance_consent;
drop trigger append_only on compliance_auditentry;
drop trigger append_only on compliance_auditlink;
drop function compliance_refuse
"""

# As definer: a role that writes entries can neither keep one out of the line nor put a made-up one into it.
IN_LINE = """
create function compliance_audit_in_line() returns trigger language plpgsql security definer
  set search_path = pg_catalog, pg_temp as $$
begin
  insert into public.compliance_auditwaiting (entry_id, workspace_id) values (new.id, new.workspace_id);
  perform pg_notify('atrium_audit', new.workspace_id::text);
  return null;
end $$;
revoke all on function compliance_audit_in_line from public;
create trigger in_line after insert on compliance_auditentry
  for each row execute function compliance_audit_in_line()
"""
UNIN_LINE = "drop trigger in_line on compliance_auditentry; drop function compliance_audit_in_line"

# Less than the isolation grants. Beyond one workspace the sealer reads an entry only while it waits for its link.
NARROWER = """
revoke insert on compliance_auditlink from atrium_web;
revoke insert, update, delete on compliance_auditwaiting from atrium_web;
create policy sealer on compliance_auditentry for select to atrium_runner
  using (exists (select from compliance_auditwaiting waiting where waiting.entry_id = compliance_auditentry.id))
"""
WIDER = """
drop policy sealer on compliance_auditentry;
grant insert, update, delete on compliance_auditwaiting to atrium_web;
grant insert on compliance_auditlink to atrium_web
"""


class Migration(migrations.Migration):
    dependencies = [("compliance", "0001_ledger_and_trail")]
    operations = [
        migrations.RunSQL(APPEND_ONLY, UNAPPEND_ONLY),
        migrations.RunSQL(IN_LINE, UNIN_LINE),
        migrations.RunSQL(NARROWER, WIDER),
    ]
