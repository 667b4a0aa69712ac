"""A turn's events, from a real runner and a fake engine, as a reader gets them."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from typing import Any

import orjson
import psycopg
import pytest
from django.http import StreamingHttpResponse
from django.test import AsyncClient, RequestFactory

from tests.cast import Person
from tests.chat.talk import Browser
from tests.fakes.engines import EngineProcess
from workspace.chat import events
from workspace.common.errors import Invalid
from workspace.runs.contracts import FINAL_EVENTS, Event
from workspace.runs.tails import hub

DEADLINE = 20.0


@pytest.fixture(scope="module")
def engine() -> Iterator[EngineProcess]:
    """A quick fake engine whose words end inside characters."""
    process = EngineProcess(("--rate", "100", "--tokens", "60", "--analysis", "6"))
    process.start()
    yield process
    process.kill()


@pytest.fixture(autouse=True)
async def no_tails_are_left() -> AsyncIterator[None]:
    """Closes the connections of this test's loop."""
    yield
    await hub().close()


async def opened(person: Person, turn: str, query: str = "", **headers: str) -> Any:
    """The response to a request for a turn's events."""
    return await AsyncClient().get(f"/api/turns/{turn}/events{query}", headers=person.headers | headers)


async def read(answer: StreamingHttpResponse) -> AsyncIterator[tuple[int, str, dict[str, Any]]]:
    """The events of a stream: sequence, type, data."""
    assert answer.status_code == 200
    content: Any = answer.streaming_content
    async with aclosing(content) as chunks:
        async for chunk in chunks:
            for block in chunk.decode().split("\n\n"):
                lines = dict(line.split(": ", 1) for line in block.splitlines() if line[0] != ":")
                if lines:
                    yield int(lines["id"]), lines["event"], orjson.loads(lines["data"])


async def told(person: Person, turn: str, query: str = "", **headers: str) -> list[tuple[int, str, dict[str, Any]]]:
    """All events from there to the end of the stream."""
    async with asyncio.timeout(DEADLINE):
        return [event async for event in read(await opened(person, turn, query, **headers))]


def joined(found: list[tuple[int, str, dict[str, Any]]]) -> str:
    return "".join(data["delta"] for _, kind, data in found if kind == "text")


@pytest.mark.slow
async def test_the_events_tell_the_whole_answer_in_order(talker: Browser, engine: EngineProcess) -> None:
    conversation = await asyncio.to_thread(talker.conversation)
    asked = await asyncio.to_thread(talker.ask, conversation, "日本語で 🗾?")

    found = await told(talker.person, asked["turn"])

    assert [sequence for sequence, _, _ in found] == list(range(1, len(found) + 1))
    assert found[0][1:] == ("started", {"turn": asked["turn"], "message": asked["message"]})
    assert joined(found) == engine.log()[-1]["final"]
    at = 0
    for _, kind, data in found:
        if kind == "text":
            assert data["at"] == at, "offsets count code points"
            at += len(data["delta"])
    _, kind, last = found[-1]
    assert (kind, last["message"], last["finish"]) == ("done", asked["message"], "stop")
    assert last["receipt"]["engine"] == "engine-1"
    [_, answer] = await asyncio.to_thread(talker.messages, conversation)
    assert (answer["text"], answer["status"]) == (joined(found), "done")
    assert "analysis" not in str(found)


@pytest.mark.slow
async def test_a_reader_goes_on_where_it_was_by_header_or_query(talker: Browser) -> None:
    conversation = await asyncio.to_thread(talker.conversation)
    asked = await asyncio.to_thread(talker.ask, conversation)
    whole = await told(talker.person, asked["turn"])

    for after in (0, 1, 7, len(whole) - 1):
        assert await told(talker.person, asked["turn"], f"?after={after}") == whole[after:]
        assert await told(talker.person, asked["turn"], **{"Last-Event-ID": str(after)}) == whole[after:]
    for after in (len(whole), len(whole) + 1, 999_999_999):
        assert (await opened(talker.person, asked["turn"], f"?after={after}")).status_code == 204


@pytest.mark.slow
async def test_nothing_is_left_to_tell_of_a_turn_whose_journal_is_gone(talker: Browser, database_url: str) -> None:
    conversation = await asyncio.to_thread(talker.conversation)
    asked = await asyncio.to_thread(talker.ask, conversation)
    await told(talker.person, asked["turn"])
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as superuser:
        await superuser.execute("delete from runs_journal where run = %s", [asked["turn"]])

    for after in ("", "?after=0", "?after=3"):
        assert (await opened(talker.person, asked["turn"], after)).status_code == 204


@pytest.mark.slow
async def test_an_event_that_is_still_to_come_is_no_place_to_go_on(talker: Browser) -> None:
    conversation = await asyncio.to_thread(talker.conversation)
    asked = await asyncio.to_thread(talker.ask, conversation)

    early = await opened(talker.person, asked["turn"], "?after=999999")

    assert early.status_code == 400
    assert json.loads(early.content)["errors"][0]["code"] == "invalid_sequence"
    assert (await told(talker.person, asked["turn"]))[-1][1] == "done"


@pytest.mark.slow
async def test_stopping_ends_the_stream_and_continuing_goes_on_behind_the_prefix(talker: Browser) -> None:
    conversation = await asyncio.to_thread(talker.conversation)
    asked = await asyncio.to_thread(talker.ask, conversation)
    found = []
    async for event in read(await opened(talker.person, asked["turn"])):
        found.append(event)
        if event[1] == "text" and len(found) == 12:
            await asyncio.to_thread(talker.call, "post", f"/api/turns/{asked['turn']}/stop")
    prefix = joined(found)

    turn = (await asyncio.to_thread(talker.call, "post", f"/api/turns/{asked['turn']}/continue")).json()["turn"]
    rest = await told(talker.person, turn)

    assert found[-1][1:] == ("stopped", {"message": asked["message"]})
    first = next(data for _, kind, data in rest if kind == "text")
    assert first["at"] == len(prefix)
    [_, answer] = await asyncio.to_thread(talker.messages, conversation)
    assert answer["text"] == prefix + joined(rest)
    assert rest[-1][1] == "done"


@pytest.mark.parametrize("value", ["x", "-1", "1.5", "1e3", "²", "９", "9" * 40, "1 2", "0x10", "'; --", "\n1", "1\n"])
def test_a_place_that_is_no_number_is_refused(value: str) -> None:
    address = "/api/turns/x/events"
    by_query = RequestFactory().get(address, {"after": value})
    by_header = RequestFactory().get(address, headers={"Last-Event-ID": value})

    for request in (by_query, by_header):
        with pytest.raises(Invalid) as told_so:
            events.last_seen(request, events.asked_of(request))
        assert told_so.value.errors[0].code in {"invalid_sequence", "control_character"}


@pytest.mark.parametrize(
    "header, query, after", [(None, "", 0), ("", "", 0), ("7", "", 7), (None, "8", 8), ("7", "8", 7), ("007", "", 7)]
)
def test_the_header_of_a_browser_wins_over_the_query(header: str | None, query: str, after: int) -> None:
    headers = {} if header is None else {"Last-Event-ID": header}

    request = RequestFactory().get("/", {"after": query}, headers=headers)

    assert events.last_seen(request, events.asked_of(request)) == after


@pytest.mark.slow
async def test_a_hostile_place_is_told_as_a_problem(talker: Browser) -> None:
    conversation = await asyncio.to_thread(talker.conversation)
    asked = await asyncio.to_thread(talker.ask, conversation)

    answer = await opened(talker.person, asked["turn"], **{"Last-Event-ID": "DROP"})

    assert (answer.status_code, orjson.loads(answer.content)["code"]) == (400, "invalid")


@pytest.mark.slow
async def test_a_stranger_and_nobody_get_no_stream(talker: Browser, charlie: Person) -> None:
    conversation = await asyncio.to_thread(talker.conversation)
    asked = await asyncio.to_thread(talker.ask, conversation)

    theirs, made_up = await opened(charlie, asked["turn"]), await opened(charlie, str(uuid.uuid4()))
    nobody = await AsyncClient().get(f"/api/turns/{asked['turn']}/events")

    assert (theirs.status_code, theirs.content) == (404, made_up.content)
    assert nobody.status_code == 401


async def test_silence_is_filled_with_comments(monkeypatch: pytest.MonkeyPatch) -> None:
    said = Event(1, "done", {"message": "m"})
    may_speak = asyncio.Event()

    class Hub:
        async def bundles(self, watch: object, after: int, silence: float) -> AsyncIterator[list[Event]]:
            while not may_speak.is_set():
                yield []
            yield [said]

    monkeypatch.setattr(events, "hub", Hub)
    found = []
    async with asyncio.timeout(DEADLINE):
        async for chunk in events.stream(None, 0, keep_alive=0.01):  # type: ignore[arg-type]  # the hub's own affair
            found.append(chunk)
            if len(found) == 2:
                may_speak.set()

    assert found[:2] == [b": \n\n", b": \n\n"]
    assert found[-1] == b'id: 1\nevent: done\ndata: {"message":"m"}\n\n'
    assert said.type in FINAL_EVENTS
