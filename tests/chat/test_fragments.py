"""A turn's events as fragments of HTML: what a page shows by them, live, later and after a break."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from django.test import AsyncClient
from django.utils.safestring import SafeString

from tests.chat.talk import Browser
from tests.common.prose.markup import assert_harmless, parsed
from tests.common.prose.page import Page
from tests.common.prose.test_growing import ANSWER
from tests.fakes.engines import EngineProcess
from workspace.chat import fragments
from workspace.chat.fragments import Reader
from workspace.common import prose
from workspace.common.prose.growing import Added, Redrawn
from workspace.runs.contracts import Event
from workspace.runs.tails import hub

DEADLINE = 20.0
Frame = tuple[int, str, dict[str, Any]]


def frames(chunk: bytes) -> Iterator[Frame]:
    for block in chunk.decode().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if line[0] != ":")
        if lines:
            yield int(lines["id"]), lines["event"], orjson.loads(lines["data"])


def show(page: Page, frame: Frame) -> None:
    """Does what the contract says of a frame."""
    _, kind, data = frame
    if kind in {"blocks", "replaced"} and "html" in data:
        page.do(Redrawn(data["place"], data["from"], data["html"], data["closed"]))
    elif kind == "blocks":
        page.do(Added(data["text"]))
    elif "html" in data:
        page.body = parsed(data["html"])


class Journal:
    """A journal that a test writes, in the hub's place. What is written after a pause comes in bundles of its own."""

    def __init__(self, *bundles: list[Event]) -> None:
        self.bundles_to_come = list(bundles)
        self.is_over = asyncio.Event()
        self.is_open = False

    def __call__(self) -> "Journal":
        return self

    async def bundles(self, watch: object, after: int, silence: float) -> AsyncIterator[list[Event]]:
        assert after == 0, "the text before is needed too"
        self.is_open = True
        try:
            for bundle in self.bundles_to_come:
                yield bundle
                await asyncio.sleep(0)
            await self.is_over.wait()
        finally:
            self.is_open = False


def said(text: str, first: int = 1, size: int = 3, at: int = 0) -> list[Event]:
    """A text as events."""
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    return [Event(first + n, "text", {"delta": piece, "at": at + n * size}) for n, piece in enumerate(pieces)]


async def heard(journal: Journal, monkeypatch: pytest.MonkeyPatch, reader: Reader, until: int) -> list[Frame]:
    """The frames up to the one with this id, or to the end."""
    monkeypatch.setattr(fragments, "hub", journal)
    found: list[Frame] = []
    async with asyncio.timeout(DEADLINE), aclosing(fragments.stream(None, reader, 15.0)) as chunks:  # type: ignore[type-var, arg-type]  # the hub's own affair
        async for chunk in chunks:
            found += frames(chunk)
            if found and found[-1][0] >= until:
                break
    assert not journal.is_open, "the tail is let go"
    return found


async def test_text_comes_as_blocks_whose_id_is_the_last_event_they_cover(monkeypatch: pytest.MonkeyPatch) -> None:
    started = Event(1, "started", {"turn": "t", "message": "m"})
    events = [started, *said(ANSWER, 2)]
    last = events[-1].sequence

    found = await heard(Journal(events), monkeypatch, Reader(0, "en", ""), last)

    assert found[0] == (1, "started", {"turn": "t", "message": "m"})
    assert [(sequence, kind, data["place"], data["from"]) for sequence, kind, data in found[1:]] == [
        (last, "blocks", "body", 0)
    ]


async def test_the_text_is_told_at_a_measured_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    bundles = [[event] for event in said(ANSWER, 1, 2)]
    loop = asyncio.get_running_loop()
    began = loop.time()

    found = await heard(Journal(*bundles), monkeypatch, Reader(0, "en", ""), len(bundles))

    page = Page()
    for frame in found:
        show(page, frame)
    assert len(found) <= (loop.time() - began) / fragments.PACE + 2
    assert page.html.replace("\n", "").startswith(parsed(prose.rendered(ANSWER)).html.replace("\n", "")[:-200])


@pytest.mark.parametrize("seen", range(0, len(ANSWER) // 3, 17))
async def test_a_reader_goes_on_in_the_middle(monkeypatch: pytest.MonkeyPatch, seen: int) -> None:
    events = said(ANSWER + "\n\n")
    before = await heard(Journal(events[:seen]), monkeypatch, Reader(0, "en", ""), seen) if seen else []

    behind = await heard(Journal(events), monkeypatch, Reader(seen, "en", ""), len(events))

    page = Page()
    for frame in [*before, *behind]:
        show(page, frame)
    assert behind[0][2]["place"] == "body"
    assert page.html.replace("\n", "") == parsed(prose.rendered(ANSWER)).html.replace("\n", "")


@pytest.mark.parametrize("kind, data", [("done", {"finish": "stop"}), ("stopped", {}), ("failed", {"code": "c"})])
async def test_the_final_event_brings_the_whole_answer(
    monkeypatch: pytest.MonkeyPatch, kind: Any, data: dict[str, Any]
) -> None:
    text = "- a [link]\n- b\n\n- c\n\n[link]: https://a.test\n"
    events = [*said(text), Event(99, kind, data)]

    found = await heard(Journal(events), monkeypatch, Reader(0, "en", ""), 99)

    assert found == [(99, kind, {**data, "html": prose.rendered(text)})], "nothing else is drawn before it"


async def test_a_continued_answer_begins_with_what_it_held(monkeypatch: pytest.MonkeyPatch) -> None:
    events = said(" goes on", 2, 3, at=5)

    found = await heard(Journal(events), monkeypatch, Reader(0, "en", "Words goes on already"), events[-1].sequence)
    failed = await heard(Journal([Event(1, "failed", {"code": "c"})]), monkeypatch, Reader(0, "en", "Words"), 1)

    assert parsed(found[0][2]["html"]).text == "Words goes on"
    assert parsed(failed[0][2]["html"]).text == "Words"


async def test_a_replaced_answer_is_drawn_from_its_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    empty = [Event(n, "text", {"delta": "", "at": 0}) for n in (1, 2)]
    replaced = Event(3, "replaced", {"text": "Instead.", "reason": "care"})
    ending = Event(4, "done", {"finish": "stop"})

    for after in (0, 2):
        found = await heard(Journal([*empty, replaced, ending]), monkeypatch, Reader(after, "en", ""), 4)
        assert found[0][:2] == (3, "replaced")
        assert (found[0][2]["reason"], found[0][2]["from"]) == ("care", 0)
        assert parsed(found[1][2]["html"]).text == "Instead."
    late = await heard(Journal([*empty, replaced, ending]), monkeypatch, Reader(3, "en", ""), 4)
    assert [(sequence, kind) for sequence, kind, _ in late] == [(4, "done")]


async def test_other_events_come_in_their_place_and_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    resumed = Event(3, "resumed", {"reason": "engine"})
    events = [*said("before", 1, 6), Event(2, "reasoning", {"state": "ended"}), resumed, *said(" behind", 4, 7, at=6)]

    found = await heard(Journal(events), monkeypatch, Reader(0, "en", ""), 4)

    assert [(sequence, kind) for sequence, kind, _ in found[:3]] == [(1, "blocks"), (2, "reasoning"), (3, "resumed")]
    assert found[2][2] == {"reason": "engine"}


async def test_the_words_around_the_text_are_in_the_reader_s_language(monkeypatch: pytest.MonkeyPatch) -> None:
    events = [*said("```py\nx\n```\n\n"), Event(99, "stopped", {})]

    [(_, _, data)] = await heard(Journal(events), monkeypatch, Reader(0, "ja", ""), 99)

    assert "コピー" in data["html"]


async def test_a_long_text_is_rendered_beside_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop serves other streams meanwhile."""
    events = [*said(ANSWER * 100, 1, 1_000), Event(9_999, "stopped", {})]
    rendered, threads = prose.rendered, list[threading.Thread]()

    def watched(text: str) -> SafeString:
        threads.append(threading.current_thread())
        return rendered(text)

    monkeypatch.setattr(prose, "rendered", watched)
    await heard(Journal(events), monkeypatch, Reader(0, "en", ""), 9_999)

    assert threads
    assert threading.current_thread() not in threads


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineProcess]:
    """A fake engine that says what nano cannot write."""
    words: Path = tmp_path_factory.mktemp("say") / "answer.md"
    words.write_text(ANSWER, encoding="utf-8")
    process = EngineProcess(("--rate", "400", "--say", str(words)))
    process.start()
    yield process
    process.kill()


async def told(talker: Browser, turn: str, query: str = "", **headers: str) -> list[Frame]:
    """All frames of a real stream, from there to its end."""
    answer: Any = await AsyncClient().get(
        f"/api/turns/{turn}/events?as=html{query}", headers=talker.person.headers | headers
    )
    assert answer.status_code == 200
    async with asyncio.timeout(DEADLINE), aclosing(answer.streaming_content) as chunks:
        return [frame async for chunk in chunks for frame in frames(chunk)]


@pytest.mark.slow
async def test_a_page_shows_an_answer_as_it_is_written_and_later(talker: Browser) -> None:
    conversation = await asyncio.to_thread(talker.conversation)
    asked = await asyncio.to_thread(talker.ask, conversation)

    live = await told(talker, asked["turn"])
    later = await told(talker, asked["turn"], **{"Accept-Language": "ja"})
    page = Page()
    for frame in live[:-1]:
        show(page, frame)
    middle = next(sequence for sequence, kind, _ in live if kind == "blocks")
    rest = await told(talker, asked["turn"], f"&after={middle}")
    await hub().close()

    assert [kind for _, kind, _ in live if kind not in {"blocks", "reasoning"}] == ["started", "done"]
    sequences = [sequence for sequence, _, _ in live]
    assert sequences == sorted(set(sequences))
    assert live[-1][2]["html"] == prose.rendered(ANSWER)
    assert set(live[-1][2]) == {"message", "finish", "usage", "receipt", "html"}
    assert later[-1][0] == rest[-1][0] == live[-1][0]
    assert "コピー" in later[-1][2]["html"]
    assert page.body.text.strip()
    assert_harmless(live[-1][2]["html"])


@pytest.mark.slow
async def test_the_form_of_the_stream_is_one_of_two(talker: Browser) -> None:
    conversation = await asyncio.to_thread(talker.conversation)
    asked = await asyncio.to_thread(talker.ask, conversation)
    live = await told(talker, asked["turn"])
    address = f"/api/turns/{UUID(asked['turn'])}/events?as="

    other = await AsyncClient().get(address + "xml", headers=talker.person.headers)
    over = await AsyncClient().get(address + f"html&after={live[-1][0]}", headers=talker.person.headers)
    plain: Any = await AsyncClient().get(address + "json", headers=talker.person.headers)
    async with asyncio.timeout(DEADLINE), aclosing(plain.streaming_content) as chunks:
        kinds = {kind for chunk in [chunk async for chunk in chunks] for _, kind, _ in frames(chunk)}
    await hub().close()

    assert (other.status_code, over.status_code) == (400, 204)
    assert "text" in kinds
    assert "blocks" not in kinds
