"""Whatever comes in: no crash, no hang, nothing of an analysis in an answer, nothing active on a page, nothing forged
that is taken for genuine. FUZZ is the number of inputs over all together; in `make proof` it is a million.
"""

import base64
import os
import random
import signal
import time
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from io import BytesIO
from typing import cast

import aiohttp
import pytest

from inference.conf import EngineTimeouts
from inference.engines import llamacpp, vllm
from inference.engines.calls import Address, EngineCall
from inference.errors import EngineFailed
from inference.parsing import AnswerParser, TextDelta, final_text
from inference.server_sent_events import EventSplitter
from inference.vocabulary import CHANNEL, CONSTRAIN, MESSAGE, START, HarmonyVocabulary, o200k_harmony
from tests.common.prose.markup import assert_harmless
from tests.fuzz.inputs import SECRET, Answers, markdown, pieces, spoilt, spoilt_bytes
from tests.lanes import Say
from tests.proof.rounds import drawn, seed
from workspace.common import pagination, prose, work
from workspace.common.ciphers import OpenedKey, Place, SealBroken
from workspace.common.contracts import KeyOwner
from workspace.common.errors import Invalid
from workspace.common.pagination import Order
from workspace.common.prose.growing import GrowingProse, Redrawn

INPUTS = int(os.environ.get("FUZZ", "6000"))
BATCH = 10_000
# Processor seconds of one input: what takes longer hangs, as far as whoever waits for it can tell.
LONGEST = 1.0
# How much of the inputs each is given.
SHARES = {"harmony": 0.3, "server_sent_events": 0.2, "page": 0.1, "cursor": 0.2, "seal": 0.2}
Target = Callable[[random.Random], Awaitable[None] | None]


def may_be_said(ids: list[int], at: int, vocabulary: HarmonyVocabulary) -> bool:
    """Whether the id at this place stands in the content of a `final` message, found without the parser: behind a
    `<|message|>` whose header, back to its `<|start|>`, has one channel, and that is `final`.
    """
    opening = at - 1
    while opening >= 0 and not vocabulary.is_special(ids[opening]):
        opening -= 1
    if opening < 0 or ids[opening] != vocabulary.special(MESSAGE):
        return False
    header = ids[:opening]
    while vocabulary.special(START) in header:
        header = header[header.index(vocabulary.special(START)) + 1 :]
    channel, constrain = vocabulary.special(CHANNEL), vocabulary.special(CONSTRAIN)
    if header.count(channel) != 1:
        return False
    name = header[header.index(channel) + 1 :]
    if constrain in name:  # what follows says how the content is written
        name = name[: name.index(constrain)]
    return vocabulary.decode(tuple(name)).split()[:1] == [b"final"]


def harmony(answers: Answers, chance: random.Random) -> None:
    """The same however it is cut; and of what was said in secret only what a well-formed `final` message repeats."""
    vocabulary = o200k_harmony()
    ids = answers.drawn(chance)
    parser = AnswerParser(vocabulary)
    events = [event for piece in pieces(chance, ids) for event in parser.feed(piece)]
    text = "".join(event.text for event in events if isinstance(event, TextDelta) and event.is_answer)
    assert text == final_text(ids, vocabulary)
    secret = list(vocabulary.encode(SECRET))
    places = [i for i in range(len(ids)) if ids[i : i + len(secret)] == secret]
    assert text.count(SECRET) <= sum(may_be_said(ids, place, vocabulary) for place in places)


EVENTS = [
    b'data: {"choices": [{"index": 0, "token_ids": [7, 8], "finish_reason": null}]}\n\n',
    b'data: {"choices": [], "usage": {"prompt_tokens": 2, "completion_tokens": 3}}\n\n',
    b'data: {"choices": [{"index": 0, "token_ids": [], "finish_reason": "stop"}]}\n\n',
    b'data: {"content": "\xe5\x85\x89", "tokens": [9, 10], "tokens_predicted": 3, "stop": false}\r\n\r\n',
    b'data: {"content": "", "tokens": [], "tokens_predicted": 3, "tokens_evaluated": 4, "stop": true}\n\n',
    b'data: {"error": {"message": "out of memory"}}\n\n',
    b"data: [DONE]\n\n", b": comment\n\n", b"event: x\ndata: {}\ndata: {}\n\n", b"id: 1\n", b"\r\r", b"data:\n\n",
    b"\xff",
]  # fmt: skip


class Replay(EngineCall):
    """An engine's call whose bytes are there already."""

    async def _open(self) -> aiohttp.ClientResponse:
        return cast("aiohttp.ClientResponse", BytesIO())

    async def _chunks(self, response: aiohttp.ClientResponse) -> AsyncGenerator[bytes, None]:
        for read in self.body["reads"]:
            yield read


async def server_sent_events(chance: random.Random) -> None:
    """The same events however they are cut; an engine's reader takes them, or says that the engine failed."""
    whole = b"".join(spoilt(chance, [chance.choice(EVENTS) for _ in range(chance.randint(1, 12))], EVENTS, 2))
    if chance.random() < 0.5:
        whole = spoilt_bytes(chance, whole)
    reads = [bytes(piece) for piece in pieces(chance, whole)]
    at_once, piecemeal = EventSplitter(), EventSplitter()
    assert at_once.feed(whole) == [event for read in reads for event in piecemeal.feed(read)]
    body = {"prompt": [1, 2], "reads": reads}
    call = Replay(cast("aiohttp.ClientSession", None), Address("", ""), "", body, EngineTimeouts())
    for engine in (vllm, llamacpp):
        with suppress(EngineFailed):
            async for _ in engine.stream(call, o200k_harmony()):
                pass


def page(chance: random.Random) -> None:
    """Harmless whole, and as it grows."""
    text, growing = markdown(chance), GrowingProse()
    assert_harmless(prose.rendered(text))
    for piece in pieces(chance, text):
        growing.feed(str(piece))
        if isinstance(change := growing.change(), Redrawn):
            assert_harmless(change.html)


def cursor(order: Order, genuine: bytes, foreign: list[str], chance: random.Random) -> None:
    """None but the genuine one opens, and that only for its own list and person."""
    if chance.random() < 0.05:
        forged = chance.choice(foreign)
    elif chance.random() < 0.5:
        forged = base64.urlsafe_b64encode(spoilt_bytes(chance, genuine)).rstrip(b"=").decode()
    else:
        forged = "".join(chance.choice("abcXYZ019-_=+/\x00 光") for _ in range(chance.randint(0, 60)))
    with pytest.raises(Invalid):
        pagination.opened(forged, order)


def seal(key: OpenedKey, others: tuple[OpenedKey, ...], chance: random.Random) -> None:
    """Opens as it was, where it was; changed, moved or under another key it does not open."""
    plain, place = chance.randbytes(chance.randint(0, 80)), Place("table", str(chance.randint(0, 9)), "column")
    sealed = key.seal(plain, place)
    assert key.open(sealed, place) == plain
    moved = [replace(place, table="tab"), replace(place, row=f"{place.row}0"), replace(place, column="columns")]
    for opener, given, where in (
        (key, spoilt_bytes(chance, sealed), place),
        (key, sealed, chance.choice(moved)),
        (chance.choice(others), sealed, place),
    ):
        with pytest.raises(SealBroken):
            opener.open(given, where)


@pytest.fixture(scope="module")
def targets() -> Iterator[dict[str, Target]]:
    key = OpenedKey(uuid.uuid4(), KeyOwner.CONVERSATION, uuid.uuid4(), os.urandom(32))
    others = (replace(key, secret=os.urandom(32)), replace(key, workspace=uuid.uuid4()))
    order = Order("conversations", ("at", "id"))
    last = ["2026-11-25T00:00:00Z", str(uuid.uuid4())]
    here = work.Context(uuid.uuid4(), uuid.uuid4(), 1)  # no row is asked for, so no transaction either
    with work._entered(here):
        own = pagination.sealed(last, order)
        foreign = [pagination.sealed(last, replace(order, name="members"))]
    for elsewhere in (replace(here, user=uuid.uuid4()), replace(here, workspace=uuid.uuid4())):
        with work._entered(elsewhere):
            foreign.append(pagination.sealed(last, order))
    with work._entered(here):
        assert pagination.opened(own, order)
        genuine = base64.urlsafe_b64decode(own + "==")
        yield {
            "harmony": partial(harmony, Answers(o200k_harmony())),
            "server_sent_events": server_sent_events,
            "page": page,
            "cursor": partial(cursor, order, genuine, foreign),
            "seal": partial(seal, key, others),
        }


class Hangs(AssertionError):
    """An input has had its processor time."""


def hangs(number: int, frame: object) -> None:
    raise Hangs


@pytest.fixture
def limited() -> Iterator[Callable[[], None]]:
    """Called before each input, it gives that one its time, which ends wherever the code stands then."""
    before = signal.signal(signal.SIGVTALRM, hangs)
    yield lambda: cast("None", signal.setitimer(signal.ITIMER_VIRTUAL, LONGEST))
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    signal.signal(signal.SIGVTALRM, before)


def batches() -> list[tuple[str, int, int]]:
    """Target, number and size of each batch."""
    made = []
    for name, share in SHARES.items():
        count = round(INPUTS * share)
        made += [(name, start // BATCH, min(BATCH, count - start)) for start in range(0, count, BATCH)]
    return made


@pytest.mark.parametrize(("name", "number", "size"), batches())
async def test_no_input_breaks_hangs_or_leaks(
    targets: dict[str, Target], limited: Callable[[], None], name: str, number: int, size: int, say: Say
) -> None:
    target, longest, began = targets[name], 0.0, time.process_time()
    for i in range(size):
        before = time.process_time()
        limited()
        try:
            if (waiting := target(drawn("fuzz", name, number, i))) is not None:
                await waiting
        except BaseException as fault:
            fault.add_note(f"input {i} of batch {number} of {name}, SEED={seed()}")
            raise
        longest = max(longest, time.process_time() - before)
    assert longest < LONGEST
    spent = time.process_time() - began
    say(f"fuzz {name} {number}: {size} inputs, {1e6 * spent / size:.0f} us each, {longest * 1000:.0f} ms the longest")
