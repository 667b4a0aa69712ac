"""The browsers that people are signed in with. The database ends a row with its session, also for a version of the
product that does not know of these rows.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Now

from workspace.common.constraints import Grants

BOUND = """
alter table accounts_browsersession add constraint browser_session_ends_with_its_session
  foreign key (session_id) references django_session (session_key) on delete cascade
"""
UNBOUND = "alter table accounts_browsersession drop constraint browser_session_ends_with_its_session"


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_preferences"), ("sessions", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="BrowserSession",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                (
                    "session",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="browser",
                        to="sessions.session",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="browser_sessions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("agent", models.CharField(blank=True, max_length=300)),
                ("address", models.GenericIPAddressField(null=True)),
                ("created_at", models.DateTimeField(db_default=Now(), editable=False)),
                ("last_seen_at", models.DateTimeField(db_default=Now())),
            ],
            options={
                "constraints": [
                    Grants(
                        name="browser_session_grants",
                        grants={"atrium_web": "select, insert, update, delete"},
                    )
                ]
            },
        ),
        migrations.RunSQL(BOUND, UNBOUND),
    ]
