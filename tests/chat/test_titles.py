"""Names of conversations that nobody named."""

import asyncio
from uuid import UUID

import pytest

from tests.cast import Person
from tests.chat.talk import Browser
from tests.fakes.answers import Script
from tests.fakes.engines import local_engine
from tests.fakes.raw_engine import EngineSettings
from workspace.chat.tasks import name_conversation
from workspace.chat.titles import cleaned, first_words
from workspace.common.jobs import Given


@pytest.mark.parametrize(
    "text, title",
    [
        ("Plan the offsite", "Plan the offsite"),
        ("  two\nlines \t here ", "two lines here"),
        ("word " * 30, "word word word word word word word word word word word word…"),
        ("日" * 80, "日" * 59 + "…"),
        ("", ""),
    ],
)
def test_the_first_words_are_one_short_line(text: str, title: str) -> None:
    assert first_words(text) == title
    assert len(first_words(text)) <= 60


@pytest.mark.parametrize(
    "said, title",
    [
        ('"Offsite in Kyoto."', "Offsite in Kyoto"),
        ("\n\n**Offsite**\nHere is why", "Offsite"),
        ("# 京都の会議。", "京都の会議"),
        ("a\u202eb\u0000c", "a b c"),
        ("\n \n", ""),
    ],
)
def test_what_a_model_puts_around_a_title_is_taken_off(said: str, title: str) -> None:
    assert cleaned(said) == title


async def named(given: Given, settings: EngineSettings, monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Runs the job against a fake engine; the prompts that this got."""
    async with local_engine(settings) as engine:
        monkeypatch.setenv("ENGINE_URL", engine.url)
        await asyncio.to_thread(name_conversation, given)
        return [bytes(str(record), "utf-8") for record in engine.engine.log]


@pytest.mark.parametrize("kind", ["llamacpp", "vllm"])
def test_a_model_names_the_conversation(
    transactional_db: None, alice: Person, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    browser = Browser(alice)
    conversation = browser.conversation()
    browser.exchange(conversation, "Where could twenty people meet?")
    script = Script(analysis=3, say='"Offsite in Kyoto."')

    calls = asyncio.run(
        named(Given(alice.workspace, UUID(conversation), 1), EngineSettings(kind, 0, script=script), monkeypatch)
    )

    assert len(calls) == 1
    assert browser.get(f"/api/conversations/{conversation}")["title"] == "Offsite in Kyoto"


def test_a_name_that_a_person_gave_stays(
    transactional_db: None, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = Browser(alice)
    conversation = browser.conversation()
    browser.exchange(conversation)
    browser.call("patch", f"/api/conversations/{conversation}", {"title": "Mine"})

    calls = asyncio.run(named(Given(alice.workspace, UUID(conversation), 1), EngineSettings(rate=0), monkeypatch))

    assert calls == []
    assert browser.get(f"/api/conversations/{conversation}")["title"] == "Mine"
