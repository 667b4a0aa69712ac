"""Invitations, and the question to which workspace a link belongs."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Now

import workspace.common.work
from workspace.common.constraints import TenantIsolation

LOOKUP = """
create policy lookup on accounts_invitation for select to atrium_lookup using (true);
grant select (digest, workspace_id) on accounts_invitation to atrium_lookup;
set local role atrium_lookup;
create function lookup.invitation(digest bytea) returns table (workspace_id uuid, user_id uuid)
  stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select i.workspace_id, null::uuid from public.accounts_invitation i where i.digest = $1;
  end;
revoke all on function lookup.invitation from public;
grant execute on function lookup.invitation to atrium_web;
reset role
"""
UNLOOKUP = """
set local role atrium_lookup;
drop function lookup.invitation;
reset role;
revoke all on accounts_invitation from atrium_lookup;
drop policy lookup on accounts_invitation
"""
ROLES = [("owner", "Owner"), ("admin", "Admin"), ("member", "Member")]


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_token_last_used")]
    operations = [
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("workspace_id", models.UUIDField(default=workspace.common.work.workspace, editable=False)),
                ("email", models.EmailField(max_length=254)),
                ("role", models.CharField(choices=ROLES, default="member", max_length=16)),
                ("digest", models.BinaryField(max_length=32, unique=True)),
                ("serial", models.PositiveSmallIntegerField(default=1)),
                (
                    "invited_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invitations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("expires_at", models.DateTimeField()),
                ("language", models.CharField(blank=True, max_length=8)),
                ("mailed_at", models.DateTimeField(null=True)),
                ("accepted_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(db_default=Now(), editable=False)),
            ],
            options={
                "constraints": [
                    TenantIsolation(name="invitation_tenant", runner=""),
                    models.UniqueConstraint(
                        condition=models.Q(("accepted_at", None), ("revoked_at", None)),
                        fields=("workspace_id", "email"),
                        name="invitation_open",
                    ),
                ],
                "abstract": False,
            },
        ),
        migrations.RunSQL(LOOKUP, UNLOOKUP),
    ]
