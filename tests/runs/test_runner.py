"""A run comes to its end whatever dies on the way: its runner, its engine, or the wish to have it."""

import time

import pytest
from django.db import connection

from inference.conf import EngineTimeouts
from inference.errors import ContextOverflow
from inference.vocabulary import CHANNEL, HARMONY_SPECIALS, MESSAGE, RETURN, o200k_harmony
from tests.cast import Person
from tests.fakes.answers import Writer
from tests.fakes.playback import Fault
from tests.runs.diary import Asked, Diary
from tests.runs.stage import CONF, engine_settings, is_text, nth, stage, text_of, types_of
from workspace.common.work import outside, unit
from workspace.runs.conf import RunsConf
from workspace.runs.contracts import State

KINDS = pytest.mark.parametrize("kind", ["llamacpp", "vllm"])
PATIENT = RunsConf(lease=30, heartbeat=5, poll=5, give_up=5)


def rows_of(asked: Asked) -> int:
    """How many rows its journal has."""
    with unit(asked.person.workspace), connection.cursor() as cursor:
        cursor.execute("select count(*) from runs_journal where run = %s", [asked.run])
        return int(cursor.fetchone()[0])


@KINDS
async def test_an_answer_is_the_engines_own_to_the_letter(as_runner: Person, diary: Diary, kind: str) -> None:
    async with stage(as_runner, engine_settings(kind=kind)) as here:
        await here.runner()
        asked = await here.ask()

        events = await here.follow(asked)

        final = here.engines[0].engine.log[0].answer.final
        assert types_of(events) == ["started", "reasoning", "reasoning", "text", "done"]
        assert [event.sequence for event in events] == list(range(1, len(events) + 1))
        assert text_of(events) == diary.texts[asked.subject] == final
        assert events[0].data == {"page": str(asked.subject)}
        assert events[-1].data["page"] == str(asked.subject)
        assert (await outside(asked.status)).state is State.DONE
        [outcome] = diary.outcomes[asked.run]
        assert outcome.usage.completion_tokens == len(here.engines[0].engine.log[0].answer.whole)
        assert outcome.started_at is not None
        assert outcome.first_token_at is not None
        assert outcome.queued_at < outcome.started_at < outcome.first_token_at < outcome.ended_at


async def test_of_an_answer_that_nobody_follows_nothing_is_committed_before_its_end(
    as_runner: Person, diary: Diary
) -> None:
    diary.is_followed = False
    async with stage(as_runner, engine_settings(rate=200)) as here:
        await here.runner()
        asked = await here.ask()

        events = await here.follow(asked)

        assert text_of(events) == diary.texts[asked.subject] == here.engines[0].engine.log[0].answer.final
        assert types_of(events)[-1] == "done"
        assert await outside(lambda: rows_of(asked)) == 2


@KINDS
async def test_a_dead_runners_run_is_taken_over_and_goes_on_exactly(as_runner: Person, diary: Diary, kind: str) -> None:
    async with stage(as_runner, engine_settings(kind=kind, rate=60)) as here:
        first = await here.runner()
        asked = await here.ask()
        seen = await here.follow(asked, upto=nth(15))
        await first.die()
        began = time.monotonic()
        await here.runner()

        rest = await here.follow(asked, after=seen[-1].sequence)

        events = seen + rest
        assert [event.sequence for event in events] == list(range(1, len(events) + 1))
        assert "resumed" in types_of(rest)
        assert [e.data for e in rest if e.type == "resumed"] == [{"reason": "runner_replaced"}]
        assert text_of(events) == diary.texts[asked.subject] == here.engines[0].engine.log[0].answer.final
        assert events == await here.follow(asked)
        assert time.monotonic() - began < CONF.lease + 5


async def test_a_drained_runner_hands_its_runs_back_at_once(as_runner: Person, diary: Diary) -> None:
    async with stage(as_runner, engine_settings(rate=60)) as here:
        first = await here.runner(PATIENT)
        asked = await here.ask()
        await here.follow(asked, upto=is_text)
        await here.runner(PATIENT)
        began = time.monotonic()
        await first.drain()

        events = await here.follow(asked, upto=lambda event: event.type == "resumed")

        assert events[-1].type == "resumed"
        assert time.monotonic() - began < 2
        assert text_of(await here.follow(asked)) == here.engines[0].engine.log[0].answer.final


@KINDS
async def test_a_dead_engine_is_replaced_by_another(as_runner: Person, diary: Diary, kind: str) -> None:
    other = "vllm" if kind == "llamacpp" else "llamacpp"
    broken = engine_settings(kind=kind, fault=Fault("cut", 30))
    async with stage(as_runner, broken, engine_settings(kind=other)) as here:
        await here.runner()
        await here.engines_found()
        runs = [await here.ask(f"question {number}") for number in range(2)]

        told = [await here.follow(asked) for asked in runs]

        finals = {record.answer.final for engine in here.engines for record in engine.engine.log}
        assert {text_of(events) for events in told} == finals
        resumed = [event.data for events in told for event in events if event.type == "resumed"]
        assert resumed == [{"reason": "engine_replaced"}]


@pytest.mark.parametrize("fault", [Fault("hang", 30), Fault("stall")], ids=["hang", "stall"])
async def test_an_engine_that_falls_silent_is_replaced_by_another(
    as_runner: Person, diary: Diary, fault: Fault
) -> None:
    """A sixtieth of the defaults: the silence that one engine may keep is as long as `give_up`, or longer."""
    timeouts, conf = EngineTimeouts(1.0, 2.0, 0.5), RunsConf(lease=2, heartbeat=0.5, poll=0.2, give_up=0.5)
    async with stage(as_runner, engine_settings(fault=fault), engine_settings()) as here:
        await here.runner(conf, timeouts=timeouts)
        await here.engines_found()
        runs = [await here.ask(f"question {number}") for number in range(2)]

        told = [await here.follow(asked) for asked in runs]

        finals = {record.answer.final for record in here.engines[1].engine.log}
        assert {text_of(events) for events in told} == finals
        resumed = [event.data for events in told for event in events if event.type == "resumed"]
        assert resumed == ([{"reason": "engine_replaced"}] if fault.kind == "hang" else [])


async def test_an_engine_that_comes_back_goes_on(as_runner: Person, diary: Diary) -> None:
    async with stage(as_runner, engine_settings(fault=Fault("error", 40))) as here:
        await here.runner()
        asked = await here.ask()

        events = await here.follow(asked)

        assert "resumed" in types_of(events)
        assert text_of(events) == here.engines[0].engine.log[0].answer.final


async def test_without_an_engine_a_run_fails_in_the_end(as_runner: Person, diary: Diary) -> None:
    async with stage(as_runner) as here:
        await here.runner(RunsConf(lease=2, heartbeat=0.5, poll=0.2, give_up=0.3), "http://127.0.0.1:9")
        asked = await here.ask()

        events = await here.follow(asked)

        assert types_of(events) == ["started", "failed"]
        assert events[-1].data["code"] == "engine_unavailable"
        assert events[-1].data["retryable"] is True
        status = await outside(asked.status)
        assert status.state is State.FAILED
        assert status.error is not None
        assert status.error.code == "engine_unavailable"


@pytest.mark.parametrize("seen", [1, 6, 25])
async def test_stop_closes_the_engines_connection_and_keeps_the_text(
    as_runner: Person, diary: Diary, seen: int
) -> None:
    async with stage(as_runner, engine_settings(rate=50)) as here:
        await here.runner(PATIENT)
        asked = await here.ask()
        events = await here.follow(asked, upto=nth(seen))
        began = time.time()
        assert await outside(asked.stop)

        events += await here.follow(asked, after=events[-1].sequence)

        assert events[-1].type == "stopped"
        if here.engines[0].engine.log:
            record = await here.engines[0].closed(0)
            assert record.end == "client"
            assert record.closed_at is not None
            assert record.closed_at - began < 0.3
            assert record.answer.final.startswith(text_of(events))
        assert diary.texts[asked.subject] == text_of(events)
        assert not await outside(asked.stop)


async def test_stop_reaches_an_engine_that_still_reads_the_prompt(as_runner: Person, diary: Diary) -> None:
    async with stage(as_runner, engine_settings(fault=Fault("stall"))) as here:
        await here.runner(PATIENT)
        asked = await here.ask()
        await here.follow(asked, upto=nth(1))
        await here.asked_of_engine(0)
        began = time.time()
        await outside(asked.stop)

        record = await here.engines[0].closed(0)

        assert record.closed_at is not None
        assert record.closed_at - began < 0.3
        assert (await here.follow(asked))[-1].type == "stopped"


async def test_a_run_that_waits_for_an_engine_can_be_stopped(as_runner: Person, diary: Diary) -> None:
    async with stage(as_runner) as here:
        await here.runner(PATIENT, "http://127.0.0.1:9")
        asked = await here.ask()
        await here.follow(asked, upto=nth(1))
        await outside(asked.stop)

        assert types_of(await here.follow(asked)) == ["started", "stopped"]


async def test_a_queued_run_that_was_stopped_ends_as_soon_as_there_is_a_runner(as_runner: Person, diary: Diary) -> None:
    async with stage(as_runner, engine_settings()) as here:
        asked = await here.ask()
        await outside(asked.stop)
        await here.runner()

        events = await here.follow(asked)

        assert types_of(events) == ["started", "stopped"]
        assert not here.engines[0].engine.log
        assert diary.outcomes[asked.run][0].started_at is None


@KINDS
async def test_a_stopped_answer_is_continued_exactly(as_runner: Person, diary: Diary, kind: str) -> None:
    async with stage(as_runner, engine_settings(kind=kind, rate=80)) as here:
        await here.runner()
        asked = await here.ask()
        await here.follow(asked, upto=nth(20))
        await outside(asked.stop)
        await here.follow(asked)
        prefix = diary.texts[asked.subject]

        following = await here.ask(continues=asked)
        events = await here.follow(following)

        texts = [event for event in events if event.type == "text"]
        assert texts[0].data["at"] == len(prefix)
        assert prefix + text_of(events) == diary.texts[asked.subject]
        assert diary.texts[asked.subject] == here.engines[0].engine.log[0].answer.final
        assert not here.engines[0].engine.log[-1].answer.diverged


async def test_an_answer_cut_by_length_is_continued_until_it_ends(as_runner: Person, diary: Diary) -> None:
    async with stage(as_runner, engine_settings(rate=0)) as here:
        await here.runner()
        asked = await here.ask(max_tokens=25)
        finishes = []
        for _ in range(10):
            events = await here.follow(asked)
            finishes.append(events[-1].data["finish"])
            if finishes[-1] == "stop":
                break
            asked = await here.ask(continues=asked, max_tokens=25)

        assert finishes == ["length"] * (len(finishes) - 1) + ["stop"]
        assert len(finishes) > 2
        assert diary.texts[asked.subject] == here.engines[0].engine.log[0].answer.final


async def test_a_continued_answer_that_is_stopped_at_once_keeps_its_text(as_runner: Person, diary: Diary) -> None:
    async with stage(as_runner, engine_settings(rate=0)) as here:
        working = await here.runner()
        asked = await here.ask(max_tokens=25)
        await here.follow(asked)
        text = diary.texts[asked.subject]
        await working.drain()
        following = await here.ask(continues=asked)
        await outside(following.stop)
        await here.runner()

        await here.follow(following)

        assert text
        assert diary.texts[asked.subject] == text


def answering(monkeypatch: pytest.MonkeyPatch, *parts: str) -> None:
    """Every engine answers with these texts and control tokens."""
    vocabulary = o200k_harmony()
    names = {*HARMONY_SPECIALS}
    ids = [[vocabulary.special(part)] if part in names else vocabulary.encode(part) for part in parts]
    whole = tuple(token for some in ids for token in some)
    monkeypatch.setattr(Writer, "_write", lambda self, key, saying: (whole, ""))


async def test_an_answer_without_a_final_message_fails(
    as_runner: Person, diary: Diary, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, CHANNEL, "analysis", MESSAGE, "I will not say", RETURN)
    async with stage(as_runner, engine_settings(kind="vllm", rate=0)) as here:
        await here.runner()
        events = await here.follow(await here.ask())

        assert types_of(events) == ["started", "reasoning", "reasoning", "failed"]
        assert (events[-1].data["code"], events[-1].data["retryable"]) == ("no_answer", True)


async def test_an_empty_final_message_is_an_answer(
    as_runner: Person, diary: Diary, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, CHANNEL, "final", MESSAGE, RETURN)
    async with stage(as_runner, engine_settings(kind="vllm", rate=0)) as here:
        await here.runner()
        events = await here.follow(await here.ask())

        assert types_of(events) == ["started", "done"]


async def test_a_control_token_inside_content_ends_the_message(
    as_runner: Person, diary: Diary, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, CHANNEL, "final", MESSAGE, "Two words", CHANNEL, "final", MESSAGE, "hidden", RETURN)
    async with stage(as_runner, engine_settings(kind="vllm", rate=0)) as here:
        await here.runner()
        events = await here.follow(await here.ask())

        assert types_of(events) == ["started", "text", "done"]
        assert text_of(events) == "Two words"


async def test_a_prompt_that_does_not_fit_fails_for_good(as_runner: Person, diary: Diary) -> None:
    async with stage(as_runner, engine_settings(context=20)) as here:
        await here.runner()
        events = await here.follow(await here.ask())

        assert events[-1].type == "failed"
        assert events[-1].data["code"] == "context_overflow"
        assert events[-1].data["retryable"] is False


async def test_a_kind_that_refuses_fails_the_run_with_its_code(as_runner: Person, diary: Diary) -> None:
    diary.refusal = ContextOverflow()
    async with stage(as_runner, engine_settings()) as here:
        await here.runner()
        asked = await here.ask()

        assert types_of(await here.follow(asked)) == ["started", "failed"]
        assert diary.outcomes[asked.run][0].state is State.FAILED


async def test_a_run_that_must_wait_holds_nothing_until_it_is_woken(as_runner: Person, diary: Diary) -> None:
    diary.must_wait = True
    async with stage(as_runner, engine_settings()) as here:
        first = await here.runner()
        asked = await here.ask()
        await here.in_state(asked, State.WAITING)
        await first.die()
        await here.runner()

        diary.must_wait = False
        await outside(asked.wake)
        events = await here.follow(asked)

        assert types_of(events)[0] == "started"
        assert types_of(events)[-1] == "done"
        assert text_of(events) == here.engines[0].engine.log[0].answer.final


async def test_a_run_that_waits_can_be_stopped(as_runner: Person, diary: Diary) -> None:
    diary.must_wait = True
    async with stage(as_runner, engine_settings()) as here:
        await here.runner()
        asked = await here.ask()
        await here.in_state(asked, State.WAITING)

        await outside(asked.stop)
        events = await here.follow(asked)

        assert types_of(events) == ["started", "stopped"]
        assert here.engines[0].engine.log == []


async def test_a_kind_that_breaks_at_the_end_takes_nobody_down(as_runner: Person, diary: Diary) -> None:
    diary.is_broken = True
    async with stage(as_runner, engine_settings(rate=0)) as here:
        await here.runner()
        asked = await here.ask()
        events = await here.follow(asked)

        assert events[-1].data == {"code": "internal", "detail": "Something went wrong", "retryable": True}
        diary.is_broken = False
        assert (await here.follow(await here.ask()))[-1].type == "done"
