"""What pages may ask of this room."""

from datetime import timedelta
from typing import Final, cast

from django.db.models.functions import Now
from django.utils.translation import gettext

from inference.contracts import GONE_AFTER, EngineState, EngineView
from inference.models import EngineReport
from inference.remedies import remedy_of

_ORDER: Final = ("ready", "starting", "away", "unusable")


def engines() -> list[EngineView]:
    """The engines that `turns` reports, in the active language: ready ones first, real models before the test model.

    Empty when none is configured, or nobody has reported for a minute: `turns` does not run.
    """
    recent = EngineReport.objects.filter(seen_at__gt=Now() - timedelta(seconds=GONE_AFTER))
    return sorted(map(_view, recent), key=lambda view: (_ORDER.index(view.state), view.is_test_model, view.name))


def _view(row: EngineReport) -> EngineView:
    said = None if row.state == "ready" else remedy_of(row.problem)
    return EngineView(
        name=row.name,
        kind=row.kind,
        model=row.model,
        is_test_model=row.is_test_model,
        state=cast("EngineState", row.state),
        problem=row.problem,
        what=gettext(said.what) if said else "",
        remedy=gettext(said.remedy) if said else "",
        seen_at=row.seen_at,
    )
