"""What is asked before a workspace is known, and the grants of the tables that Django and allauth bring."""

from django.db import migrations

GLOBAL = (
    "accounts_user_groups, accounts_user_user_permissions, django_session, django_content_type, auth_permission, "
    "auth_group, auth_group_permissions, account_emailaddress, account_emailconfirmation"
)
GRANTS = f"""
grant select, insert, update, delete on {GLOBAL} to atrium_web;
grant select on django_migrations to atrium_web, atrium_runner, atrium_sweep
"""
REVOKES = f"""
revoke all on {GLOBAL} from atrium_web;
revoke all on django_migrations from atrium_web, atrium_runner, atrium_sweep
"""

LOOKUPS = """
create schema lookup authorization atrium_lookup;
create policy lookup on accounts_accesstoken for select to atrium_lookup using (true);
create policy lookup on accounts_membership for select to atrium_lookup using (true);
grant select (digest, workspace_id, user_id) on accounts_accesstoken to atrium_lookup;
grant select (user_id, workspace_id, is_active, created_at) on accounts_membership to atrium_lookup;
set local role atrium_lookup;
create function lookup.access_token(digest bytea) returns table (workspace_id uuid, user_id uuid)
  stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select t.workspace_id, t.user_id from public.accounts_accesstoken t where t.digest = $1;
  end;
create function lookup.workspaces_of(person uuid) returns table (workspace_id uuid)
  stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select m.workspace_id from public.accounts_membership m where m.user_id = $1 and m.is_active order by m.created_at;
  end;
revoke all on function lookup.access_token, lookup.workspaces_of from public;
grant usage on schema lookup to atrium_web;
grant execute on function lookup.access_token, lookup.workspaces_of to atrium_web;
reset role
"""
# The owner may not drop what atrium_lookup owns.
UNLOOKUPS = """
set local role atrium_lookup;
drop schema lookup cascade;
reset role;
revoke all on accounts_accesstoken, accounts_membership from atrium_lookup;
drop policy lookup on accounts_accesstoken;
drop policy lookup on accounts_membership
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_people"),
        ("sessions", "0001_initial"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunSQL(GRANTS, REVOKES), migrations.RunSQL(LOOKUPS, UNLOOKUPS)]
