"""An answer that is being written, on a page without scripts: what is committed stands there already."""

import time
from collections.abc import Iterator

import pytest

from tests.cast import Person
from tests.chat.talk import Browser
from tests.chat.views.visitor import Visitor, said
from tests.fakes.engines import EngineProcess, engine_process

DEADLINE = 20.0


@pytest.fixture(scope="module")
def engine() -> Iterator[EngineProcess]:
    with engine_process("--rate", "40", "--tokens", "600", "--analysis", "0") as running:
        yield running


def test_each_load_shows_more_of_it(talker: Browser, alice: Person) -> None:
    chat = talker.conversation()
    asked = talker.ask(chat)
    visitor, seen = Visitor(alice), [""]
    until = time.monotonic() + DEADLINE
    while len(seen) < 4 and time.monotonic() < until:
        page = visitor.open(f"/chats/{chat}")
        text = said(page)[1]
        if text != seen[-1]:
            seen.append(text)
    copied = visitor.client.get(f"/messages/{asked['message']}/text").content.decode()
    talker.call("post", f"/api/turns/{asked['turn']}/stop")

    assert len(seen) == 4
    assert all(text.startswith(seen[1][:20]) for text in seen[1:])
    assert sorted(seen, key=len) == seen
    assert len(copied) >= len(seen[-1])
