"""The receipt of an answer: what made it, when, and under which policy. Numbers and names of our own, no content."""

from datetime import datetime

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


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")
