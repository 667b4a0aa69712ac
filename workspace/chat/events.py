"""A turn's events as server-sent events: as they are, or as fragments of HTML for a page (`fragments`).

The stream authorises once, in a unit, and holds no database connection after that: the tail reads for all streams of
the process, and ends this one when the actor loses the right.
"""

import re
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Final, Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import translation
from pydantic import Field

from workspace.accounts.authentication import shown_by
from workspace.chat import fragments, turns
from workspace.chat.errors import refused
from workspace.chat.fragments import Reader
from workspace.chat.frames import COMMENT, KEEP_ALIVE, answered, framed
from workspace.chat.queries import conversation_key, text_of
from workspace.common.bodies import Query, queried
from workspace.common.views import only_read
from workspace.common.work import outside
from workspace.runs import queries as run_queries
from workspace.runs.contracts import Watch
from workspace.runs.tails import hub

_SEQUENCE: Final = re.compile(r"[0-9]{1,9}")


class EventsQuery(Query):
    """Where to go on, and in which form."""

    after: str | None = None
    form: Literal["json", "html"] = Field("json", alias="as")


@dataclass(frozen=True, slots=True)
class Followed:
    """A turn that the caller may follow, and the text that its answer held already, for whoever renders it."""

    watch: Watch
    held: str = field(repr=False)


@only_read
async def turn_events(request: HttpRequest, turn: UUID) -> HttpResponseBase:
    """The events of one turn, from the first or after the one that the reader saw last; 204 where nothing will come.

    Raises:
        Unauthenticated, CapabilityMissing, NotFound: the turn is not the caller's to read.
        Invalid: `Last-Event-ID` or `after` is no sequence number, or that of an event that is still to come.
    """
    asked = asked_of(request)
    after = last_seen(request, asked)
    followed = await outside(lambda: _followed(request, turn, after, is_rendered=asked.form == "html"))
    if followed is None:
        return HttpResponse(status=204)
    if asked.form == "html":
        reader = Reader(after, translation.get_language() or "en", followed.held)
        content = fragments.stream(followed.watch, reader, KEEP_ALIVE)
    else:
        content = stream(followed.watch, after)
    return answered(content)


def _followed(request: HttpRequest, turn: UUID, after: int, *, is_rendered: bool) -> Followed | None:
    """None where nothing is left to tell: all was seen, or the journal of a turn that is over is gone."""
    with shown_by(request).entered() as actor:
        message = turns.turn_for(actor, turn)
        key = conversation_key(message.conversation_id)
        watch = run_queries.watch(actor, turn, key)
        followed = Followed(watch, text_of(message, key) if is_rendered else "")
        if watch.last_sequence is not None:
            return followed if after < run_queries.committed(watch) else None
        if after and after > run_queries.committed(watch):
            raise refused("after", "invalid_sequence", "There is no such event yet. Ask for those after one you saw.")
        return followed


def asked_of(request: HttpRequest) -> EventsQuery:
    """Raises:
    Invalid: the query string is none.
    """
    return queried(EventsQuery, dict(request.GET.lists()))


def last_seen(request: HttpRequest, asked: EventsQuery) -> int:
    """The sequence number after which to go on; 0 for the beginning. The header, which a browser sets by itself, wins.

    Raises:
        Invalid: it is no sequence number.
    """
    header = request.headers.get("Last-Event-ID")
    name, value = ("after", asked.after) if header is None else ("Last-Event-ID", header)
    if not value:
        return 0
    if not _SEQUENCE.fullmatch(value):
        raise refused(name, "invalid_sequence", "Give the id of the last event that you saw.")
    return int(value)


async def stream(watch: Watch, after: int, keep_alive: float = KEEP_ALIVE) -> AsyncIterator[bytes]:
    """The bytes of the events after sequence `after`, to the final one; a comment after each silence of so many
    seconds.
    """
    async with aclosing(hub().bundles(watch, after, keep_alive)) as bundles:
        async for events in bundles:
            frames = (framed(event.sequence, event.type, event.data) for event in events)
            yield b"".join(frames) if events else COMMENT
