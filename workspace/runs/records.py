"""What a run must know of itself to go on elsewhere: the private side of the journal.

A row's record is a list of items, sealed. Ids are of the vocabulary of the leg that they follow.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, assert_never

import orjson

from inference.contracts import FinishReason, Tokens


@dataclass(frozen=True, slots=True)
class Leg:
    """An engine has begun. `fingerprint` names its vocabulary.

    `carried`, when it is not None, takes the place of all ids before it: those of the answer that is continued, or the
    text so far in another vocabulary.
    """

    engine: str
    model: str
    route_reason: str
    fingerprint: str
    prompt_tokens: int
    carried: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Ended:
    """The answer has come to its end; only the run's own end is missing. `has_answer`: it has a `final` message."""

    reason: FinishReason
    has_answer: bool
    cached_tokens: int = 0


Record = Leg | Tokens | Ended


def encoded(records: Iterable[Record]) -> bytes:
    """As JSON, in UTF-8."""
    return orjson.dumps([_plain(record) for record in records])


def decoded(plain: bytes) -> list[Record]:
    """The inverse."""
    return [_read(*item) for item in orjson.loads(plain)]


def _plain(record: Record) -> list[Any]:
    match record:
        case Tokens(ids, rebuilt):
            return ["tokens", ids, rebuilt]
        case Leg():
            return [
                "leg",
                record.engine,
                record.model,
                record.route_reason,
                record.fingerprint,
                record.prompt_tokens,
                record.carried,
            ]
        case Ended(reason, has_answer, cached_tokens):
            return ["ended", reason, has_answer, cached_tokens]
        case _:
            assert_never(record)


def _read(name: str, *values: Any) -> Record:
    if name == "tokens":
        return Tokens(tuple(values[0]), values[1])
    if name == "ended":
        return Ended(*values)
    engine, model, route_reason, fingerprint, prompt_tokens, carried = values
    return Leg(engine, model, route_reason, fingerprint, prompt_tokens, None if carried is None else tuple(carried))
