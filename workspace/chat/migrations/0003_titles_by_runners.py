"""Lets a runner write titles: only one process then needs a model's token list."""

import workspace.common.constraints
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("chat", "0002_drafts")]

    # Only the grant differs: policies and locks of a table that is in use are left alone.
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "grant update (title) on chat_conversation to atrium_runner",
                    "revoke update (title) on chat_conversation from atrium_runner",
                )
            ],
            state_operations=[
                migrations.RemoveConstraint("conversation", "conversation_tenant"),
                migrations.AddConstraint(
                    "conversation",
                    workspace.common.constraints.TenantIsolation(
                        append_only=False,
                        beyond={"atrium_sweep": "select"},
                        column="workspace_id",
                        name="conversation_tenant",
                        runner="select, update (title)",
                    ),
                ),
            ],
        )
    ]
