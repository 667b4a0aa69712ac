"""The examples of the API's description. A test sends each of them to the product and compares the answer's shape."""

from typing import Any, Final

from drf_spectacular.utils import OpenApiExample

_CONVERSATION: Final = "0b6f3c1e-6d7a-4f7e-9a53-0d3c2a0f8f11"
_QUESTION: Final = "6a1f4e2b-3f0c-4c57-8a3e-2f9f4c1d7b22"
_ANSWER: Final = "c2d7a9e4-18b5-4a0d-b6c1-7e5a3f9d0c33"
_TURN: Final = "f4b8d0a6-5e29-4c3b-9d7f-1a6e8c2b4d44"
_MOMENT: Final = "2026-11-25T09:30:00.000000Z"

CONVERSATION: Final[dict[str, Any]] = {
    "id": _CONVERSATION,
    "title": "Plan the offsite",
    "temporary": False,
    "pinned": False,
    "archived": False,
    "active_leaf": None,
    "model": None,
    "created_at": _MOMENT,
    "updated_at": _MOMENT,
    "expires_at": None,
}
MESSAGE: Final[dict[str, Any]] = {
    "id": _QUESTION,
    "parent": None,
    "role": "user",
    "text": "Where could twenty people meet near Kyoto?",
    "created_at": _MOMENT,
    "status": "done",
    "citations": [],
    "attachments": [],
    "siblings": {"index": 0, "count": 1},
}
TURN: Final[dict[str, Any]] = {
    "id": _TURN,
    "status": "queued",
    "message": _ANSWER,
    "error": None,
    "queue_position": 1,
}
RECEIPT: Final[dict[str, Any]] = {
    "engine": "engine-1",
    "model": "gpt-oss-20b",
    "route_reason": "only_engine",
    "policy_version": "2026-11-25",
    "finish": "stop",
    "tokens": {"prompt": 212, "completion": 148, "cached": 0},
    "times": {"queued_at": _MOMENT, "started_at": _MOMENT, "first_token_at": _MOMENT, "ended_at": _MOMENT},
}
ACCEPTED: Final[dict[str, Any]] = {"turn": _TURN, "message": _ANSWER, "user_message": _QUESTION}
ACCEPTED_ANSWER: Final[dict[str, Any]] = {"turn": _TURN, "message": _ANSWER}


def asked(name: str, value: dict[str, Any]) -> OpenApiExample:
    """An example of a request's body."""
    return OpenApiExample(name, value=value, request_only=True)


def told(name: str, value: dict[str, Any], status: int = 200) -> OpenApiExample:
    """An example of an answer's body."""
    return OpenApiExample(name, value=value, response_only=True, status_codes=[str(status)])
