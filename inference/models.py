"""What the pool of `turns` sees of its engines, for pages. It belongs to no workspace and holds nothing of one."""

from typing import ClassVar, get_args

from django.db import models
from django.db.models.functions import Now

from inference.contracts import EngineKind, EngineState
from workspace.common import roles
from workspace.common.constraints import Grants


class EngineReport(models.Model):
    """The last word about one engine, by the pool's own name for it."""

    name = models.CharField(primary_key=True, max_length=40)
    kind = models.CharField(max_length=10, blank=True, choices=[(kind, kind) for kind in get_args(EngineKind)])
    model = models.CharField(max_length=200, blank=True)
    is_test_model = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=[(state, state) for state in get_args(EngineState)])
    problem = models.CharField(max_length=40, blank=True)
    seen_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            Grants(
                name="engine_report_grants",
                grants={roles.WEB: "select", roles.RUNNER: "select, insert, update, delete"},
            )
        ]
