"""The link by which the first owner gets in, and the question whether there is one yet."""

import uuid

from django.db import migrations, models
from django.db.models.functions import Now

from workspace.common.constraints import Grants

LOOKUP = """
grant select (role) on accounts_membership to atrium_lookup;
set local role atrium_lookup;
create function lookup.has_owner() returns boolean
  stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select exists (select from public.accounts_membership m where m.role = 'owner' and m.is_active);
  end;
revoke all on function lookup.has_owner from public;
grant execute on function lookup.has_owner to atrium_web;
reset role
"""
UNLOOKUP = """
set local role atrium_lookup;
drop function lookup.has_owner;
reset role;
revoke select (role) on accounts_membership from atrium_lookup
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_lookups_and_grants")]
    operations = [
        migrations.CreateModel(
            name="OwnerLink",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("digest", models.BinaryField(max_length=32, unique=True)),
                ("expires_at", models.DateTimeField()),
                ("created_at", models.DateTimeField(db_default=Now(), editable=False)),
            ],
            options={
                "constraints": [Grants(name="owner_link_grants", grants={"atrium_web": "select, insert, delete"})]
            },
        ),
        migrations.RunSQL(LOOKUP, UNLOOKUP),
    ]
