"""Takes from runners the right to ask for jobs: an answer's title is a run, which it asks for itself."""

import workspace.common.constraints
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("common", "0001_foundation")]

    # Only the grant differs: policies and locks of a table that is in use are left alone.
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "revoke select, insert on common_job from atrium_runner",
                    "grant select, insert on common_job to atrium_runner",
                )
            ],
            state_operations=[
                migrations.RemoveConstraint("job", "job_tenant"),
                migrations.AddConstraint(
                    "job",
                    workspace.common.constraints.TenantIsolation(
                        append_only=False,
                        beyond={"atrium_sweep": "select, update, delete"},
                        column="workspace_id",
                        name="job_tenant",
                        runner="",
                    ),
                ),
            ],
        )
    ]
