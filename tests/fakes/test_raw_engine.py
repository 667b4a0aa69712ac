"""The fake is what other tests are measured by, so it is held to its word itself."""

import asyncio

import pytest

from compliance.contracts import DataPolicy
from inference.harmony import (
    AssistantMessage,
    DeveloperMessage,
    HarmonyMessage,
    SystemMessage,
    ToolCall,
    ToolResult,
    UserMessage,
)
from inference.rendering import render_prompt
from inference.vocabulary import o200k_harmony
from tests.fakes.answers import Script, Writer
from tests.fakes.engines import engine_process
from tests.fakes.sayings import NAMING, sayings
from tests.inference.conftest import collect, policy, pool_on, question

__all__ = ["policy"]  # the fixture
FIRST = (SystemMessage("2026-11-23"), UserMessage("hello"))


@pytest.mark.parametrize(
    "earlier",
    [(), (AssistantMessage("Hi."), UserMessage("more")), (ToolCall("x", "{}"), ToolResult("x", "found"))],
    ids=["first turn", "second turn", "after a tool"],
)
def test_the_answer_begins_where_the_last_assistant_begins(earlier: tuple[HarmonyMessage, ...]) -> None:
    writer, prompt = Writer(Script(40, 5)), list(render_prompt((*FIRST, *earlier), o200k_harmony()))
    whole = writer.answer(prompt).whole

    for cut in range(len(whole)):
        answer = writer.answer([*prompt, *whole[:cut]])
        assert (answer.head, answer.prefix, answer.whole, answer.diverged) == (len(prompt), cut, whole, False)


def test_answers_of_other_prompts_are_others() -> None:
    writer = Writer(Script())
    prompts = [list(question(o200k_harmony(), text)) for text in ("one", "two")]

    assert len({writer.answer(prompt).final for prompt in prompts}) == 2


def test_another_text_than_its_own_is_told() -> None:
    writer, prompt = Writer(Script(40, 0)), list(question(o200k_harmony()))

    assert writer.answer([*prompt, *o200k_harmony().encode("never said")]).diverged


def test_a_given_text_is_said_word_for_word() -> None:
    text = "# Title\n\n```python\nprint('光')\n```\n"

    assert Writer(Script(say=text)).answer(list(question(o200k_harmony()))).final == text


def test_a_known_question_gets_its_answer_and_the_conversation_its_title() -> None:
    known, vocabulary = sayings()["code"], o200k_harmony()
    earlier = (*FIRST, AssistantMessage("Hi."), UserMessage(known.asked))
    naming = (FIRST[0], DeveloperMessage(f"{NAMING} it."), UserMessage(known.asked))

    said, named = (Writer(Script()).answer(list(render_prompt(asked, vocabulary))) for asked in (earlier, naming))

    assert (said.final, said.rate) == (known.text, 0)
    assert named.final == known.title


def test_a_long_saying_is_as_long_as_it_says() -> None:
    assert 49_900 < len(sayings()["long"].text) < 52_000


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["llamacpp", "vllm"])
async def test_a_process_keeps_its_port_and_its_answers_over_a_kill(kind: str, policy: DataPolicy) -> None:
    with engine_process("--kind", kind, "--rate", "0", "--tokens", "20") as engine:
        records = []
        for _ in range(2):
            async with pool_on(engine.url) as pool, pool.acquire(policy, None) as lease:
                await collect(lease, question(lease.vocabulary))
            records += await asyncio.to_thread(engine.log)
            engine.kill()
            await asyncio.to_thread(engine.start)

    assert records[0]["final"] == records[1]["final"]
    assert [(record["end"], record["diverged"], record["sent"]) for record in records] == [("stop", False, 42)] * 2
