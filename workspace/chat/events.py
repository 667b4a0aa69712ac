"""A turn's events as server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html).

The stream authorises once, in a unit, and holds no database connection after that: the tail reads for all streams of
the process, and ends this one when the actor loses the right.
"""

import re
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Final
from uuid import UUID

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from workspace.accounts.authentication import shown_by
from workspace.chat import turns
from workspace.chat.errors import refused
from workspace.chat.queries import conversation_key
from workspace.common.bodies import Query, queried
from workspace.common.views import only_read
from workspace.common.work import outside
from workspace.runs import queries as run_queries
from workspace.runs.contracts import Event, Watch
from workspace.runs.tails import hub

# Seconds without an event after which a comment shows every party on the way that the stream is alive.
KEEP_ALIVE: Final = 15.0
_COMMENT: Final = b": \n\n"
_SEQUENCE: Final = re.compile(r"[0-9]{1,9}")


class EventsQuery(Query):
    """Where to go on."""

    after: str | None = None


@only_read
async def turn_events(request: HttpRequest, turn: UUID) -> HttpResponseBase:
    """The events of one turn, from the first or after the one that the reader saw last; 204 where nothing will come.

    Raises:
        Unauthenticated, CapabilityMissing, NotFound: the turn is not the caller's to read.
        Invalid: `Last-Event-ID` or `after` is no sequence number, or that of an event that is still to come.
    """
    after = last_seen(request)
    watch = await outside(lambda: _watch(request, turn, after))
    if watch is None:
        return HttpResponse(status=204)
    answer = StreamingHttpResponse(stream(watch, after), content_type="text/event-stream")
    answer["Cache-Control"] = "no-store"
    answer["X-Accel-Buffering"] = "no"
    return answer


def _watch(request: HttpRequest, turn: UUID, after: int) -> Watch | None:
    """None where nothing is left to tell: all was seen, or the journal of a turn that is over is gone."""
    with shown_by(request).entered() as actor:
        message = turns.turn_for(actor, turn)
        watch = run_queries.watch(actor, turn, conversation_key(message.conversation_id))
        if watch.last_sequence is not None:
            return watch if after < run_queries.committed(watch) else None
        if after and after > run_queries.committed(watch):
            raise refused("after", "invalid_sequence", "There is no such event yet. Ask for those after one you saw.")
        return watch


def last_seen(request: HttpRequest) -> int:
    """The sequence number after which to go on; 0 for the beginning. The header, which a browser sets by itself, wins.

    Raises:
        Invalid: it is no sequence number.
    """
    asked = queried(EventsQuery, dict(request.GET.lists()))
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
            yield b"".join(map(framed, events)) if events else _COMMENT


def framed(event: Event) -> bytes:
    """One event on the wire. JSON has no raw line ends, so its data is one line."""
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (event.sequence, event.type.encode(), orjson.dumps(event.data))
