"""The receipt of an answer: what made it, when, and under which policy. Numbers and names of our own, no content."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime

from workspace.runs.contracts import JSON, Outcome


def receipt_of(outcome: Outcome, policy_version: str) -> dict[str, JSON]:
    """The receipt as it is stored and shown; times are RFC 3339 in UTC."""
    return {
        "engine": outcome.engine,
        "model": outcome.model,
        "route_reason": outcome.route_reason,
        "policy_version": policy_version,
        "finish": outcome.finish,
        "tokens": {
            "prompt": outcome.usage.prompt_tokens,
            "completion": outcome.usage.completion_tokens,
            "cached": outcome.usage.cached_tokens,
        },
        "times": {
            "queued_at": _written(outcome.queued_at),
            "started_at": _written(outcome.started_at),
            "first_token_at": _written(outcome.first_token_at),
            "ended_at": _written(outcome.ended_at),
        },
    }


def with_durations(receipt: Mapping[str, Any]) -> dict[str, Any]:
    """A stored receipt with `waited` (until the first words) and `took` (until the end), in seconds from the question;
    None where that never came.
    """
    times = receipt["times"]
    waited, took = (_seconds(times["queued_at"], times[end]) for end in ("first_token_at", "ended_at"))
    return {**receipt, "waited": waited, "took": took}


def _seconds(begin: str | None, end: str | None) -> float | None:
    began, ended = parse_datetime(begin or ""), parse_datetime(end or "")
    return (ended - began).total_seconds() if began and ended else None


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")
