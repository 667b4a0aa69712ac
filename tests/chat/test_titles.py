"""Names of conversations that nobody named."""

import asyncio
from uuid import UUID

import pytest

from inference.errors import ModelNotServed
from inference.vocabulary import Vocabulary, o200k_harmony
from tests.cast import Person
from tests.chat.talk import Browser, end
from tests.fakes.answers import Script
from tests.fakes.raw_engine import EngineSettings
from tests.inference.conftest import nano_vocabulary
from tests.runs.stage import DEADLINE, as_web, stage
from workspace.chat.naming import Title
from workspace.chat.titles import cleaned, first_words
from workspace.common.work import outside, unit
from workspace.runs.contracts import Prompt, State
from workspace.runs.models import Run
from workspace.runs.queries import runs_of, status_of


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


def exchanged(person: Person, question: str = "Where could twenty people meet?", title: str = "") -> str:
    """A conversation with its first question and answer; renamed by its person in between where a title is given."""
    with as_web():
        browser = Browser(person)
        conversation = browser.conversation()
        asked = browser.ask(conversation, question)
        if title:
            browser.call("patch", f"/api/conversations/{conversation}", {"title": title})
    end(person, asked["turn"])
    return conversation


def naming(person: Person, conversation: str) -> list[Run]:
    """The runs that are to name it."""
    with unit(person.workspace):
        return runs_of([UUID(conversation)])


def title_of(person: Person, conversation: str) -> str:
    with as_web():
        return str(Browser(person).get(f"/api/conversations/{conversation}")["title"])


def state_of(person: Person, run: UUID) -> State:
    with unit(person.workspace):
        return status_of(run).state


async def ended(person: Person, run: UUID) -> State:
    async with asyncio.timeout(DEADLINE):
        while not (state := await outside(lambda: state_of(person, run))).is_final:  # noqa: ASYNC110 - a row's change
            await asyncio.sleep(0.01)
    return state


@pytest.mark.parametrize("kind", ["llamacpp", "vllm"])
async def test_a_model_names_the_conversation(as_runner: Person, kind: str) -> None:
    settings = EngineSettings(kind, rate=0, ttft=0, script=Script(analysis=3, say='"Offsite in Kyoto."'))
    async with stage(as_runner, settings) as here:
        conversation = await outside(lambda: exchanged(as_runner))
        before = await outside(lambda: title_of(as_runner, conversation))
        [run] = await outside(lambda: naming(as_runner, conversation))
        await here.runner()

        assert await ended(as_runner, run.id) is State.DONE
        assert before == "Where could twenty people meet?"
        assert await outside(lambda: title_of(as_runner, conversation)) == "Offsite in Kyoto"


async def test_a_name_that_a_person_gave_is_not_even_asked_for(as_runner: Person) -> None:
    conversation = await outside(lambda: exchanged(as_runner, title="Mine"))

    assert await outside(lambda: naming(as_runner, conversation)) == []


async def test_a_person_who_is_faster_than_the_model_is_obeyed(as_runner: Person) -> None:
    async with stage(as_runner, EngineSettings(rate=0, ttft=0, script=Script(say="Too late"))) as here:
        conversation = await outside(lambda: exchanged(as_runner))
        [run] = await outside(lambda: naming(as_runner, conversation))
        await outside(lambda: rename(as_runner, conversation, "Mine"))
        await here.runner()

        assert await ended(as_runner, run.id) is State.FAILED
        assert await outside(lambda: title_of(as_runner, conversation)) == "Mine"


def prompt_of(person: Person, run: Run, vocabulary: Vocabulary, context_length: int) -> Prompt:
    with unit(person.workspace):
        return Title().prompt(run.view(), vocabulary, context_length)


async def test_a_long_question_leaves_room_for_a_title(as_runner: Person) -> None:
    conversation = await outside(lambda: exchanged(as_runner, "京都で会議ができる場所を" * 400))
    [run] = await outside(lambda: naming(as_runner, conversation))

    made = await outside(lambda: prompt_of(as_runner, run, o200k_harmony(), 1024))

    assert 400 < len(made.ids) <= 1024 - made.max_tokens


async def test_the_test_model_is_asked_for_no_title(as_runner: Person) -> None:
    conversation = await outside(lambda: exchanged(as_runner))
    [run] = await outside(lambda: naming(as_runner, conversation))

    with pytest.raises(ModelNotServed):
        await outside(lambda: prompt_of(as_runner, run, nano_vocabulary(), 4096))


def rename(person: Person, conversation: str, title: str) -> None:
    with as_web():
        Browser(person).call("patch", f"/api/conversations/{conversation}", {"title": title})


async def test_the_run_of_a_title_is_no_turn_for_anybody(as_runner: Person) -> None:
    conversation = await outside(lambda: exchanged(as_runner))
    [run] = await outside(lambda: naming(as_runner, conversation))

    def status() -> int:
        with as_web():
            return int(Browser(as_runner).call("get", f"/api/turns/{run.id}").status_code)

    assert await outside(status) == 404
