"""What was proved in a browser session, which the database ends with it, and what a workspace asks for."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Now

import workspace.common.work
from workspace.common.constraints import Grants, TenantIsolation

BOUND = """
alter table accounts_evidence add constraint evidence_ends_with_its_session
  foreign key (session_id) references accounts_browsersession (id) on delete cascade
"""
UNBOUND = "alter table accounts_evidence drop constraint evidence_ends_with_its_session"
METHODS = [
    ("password", "Password"),
    ("totp", "Code from an app"),
    ("recovery_code", "Recovery code"),
    ("passkey", "Passkey"),
    ("provider", "Your organisation’s sign-in"),
]


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_invitations")]
    operations = [
        migrations.CreateModel(
            name="Evidence",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "session",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="evidence",
                        to="accounts.browsersession",
                    ),
                ),
                ("method", models.CharField(choices=METHODS, max_length=16)),
                ("level", models.PositiveSmallIntegerField()),
                ("counts_in", models.UUIDField(null=True)),
                ("connection", models.UUIDField(null=True)),
                ("acr", models.CharField(blank=True, max_length=255)),
                ("amr", models.JSONField(default=list)),
                ("at", models.DateTimeField(db_default=Now())),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("level__range", (1, 3))), name="evidence_level"),
                    Grants(name="evidence_grants", grants={"atrium_web": "select, insert, delete"}),
                ]
            },
        ),
        migrations.RunSQL(BOUND, UNBOUND),
        migrations.CreateModel(
            name="AuthPolicy",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("workspace_id", models.UUIDField(default=workspace.common.work.workspace, editable=False)),
                ("version", models.PositiveIntegerField()),
                ("required_level", models.PositiveSmallIntegerField(default=1)),
                ("session_hours", models.PositiveIntegerField(null=True)),
                ("idle_minutes", models.PositiveIntegerField(null=True)),
                ("fresh_minutes", models.PositiveIntegerField(default=15)),
                ("networks", models.JSONField(default=list)),
                ("connections", models.JSONField(default=list)),
                ("local_sign_in", models.BooleanField(default=True)),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=Now(), editable=False)),
            ],
            options={
                "constraints": [
                    TenantIsolation(append_only=True, name="auth_policy_tenant"),
                    models.UniqueConstraint(fields=("workspace_id", "version"), name="auth_policy_version"),
                    models.CheckConstraint(
                        condition=models.Q(("required_level__range", (1, 3))), name="auth_policy_level"
                    ),
                ],
                "abstract": False,
            },
        ),
    ]
