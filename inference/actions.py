"""What `turns` writes down about its engines."""

from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Now

from inference.contracts import GONE_AFTER, EngineStatus
from inference.models import EngineReport

_SAID = ["kind", "model", "is_test_model", "state", "problem", "seen_at"]


def record(statuses: Sequence[EngineStatus], *, anew: bool) -> None:
    """Writes how each engine is now, and forgets those that nobody has spoken of; `anew`: all others."""
    with transaction.atomic():
        others = EngineReport.objects.exclude(name__in=[status.name for status in statuses])
        if not anew:
            others = others.filter(seen_at__lt=Now() - timedelta(seconds=GONE_AFTER))
        others.delete()
        EngineReport.objects.bulk_create(
            [_row(status) for status in statuses], update_conflicts=True, unique_fields=["name"], update_fields=_SAID
        )


def _row(status: EngineStatus) -> EngineReport:
    engine = status.engine
    return EngineReport(
        name=status.name,
        kind=engine.kind if engine else "",
        model=engine.model.replace("\x00", "")[:200] if engine else "",
        is_test_model=status.is_test_model,
        state=status.state,
        problem=status.problem or "",
        seen_at=Now(),
    )
