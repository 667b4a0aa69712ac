"""Lets a runner ask for another run, inside a workspace: the end of an answer asks for its title."""

import workspace.common.constraints
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("runs", "0003_journal_reader")]

    # Only the grant differs: policies and locks of a table that is in use are left alone.
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "grant insert on runs_run to atrium_runner",
                    "revoke insert on runs_run from atrium_runner",
                )
            ],
            state_operations=[
                migrations.RemoveConstraint("run", "run_tenant"),
                migrations.AddConstraint(
                    "run",
                    workspace.common.constraints.TenantIsolation(
                        append_only=False,
                        beyond={"atrium_runner": "select, update", "atrium_sweep": "select, update"},
                        column="workspace_id",
                        name="run_tenant",
                        runner="select, insert",
                    ),
                ),
            ],
        )
    ]
