import asyncio
import logging
import os
import signal
import time

import pytest

from compliance.contracts import DataPolicy
from inference import health
from inference.conf import NANO, EngineTimeouts, InferenceConf
from inference.contracts import CompletionRequest, Finished
from inference.engines import probes
from inference.errors import ContextOverflow, EngineFailed, EngineUnavailable, NoEngine
from inference.pool import Pool
from inference.token_lists import GgufVocabulary
from inference.vocabulary import HarmonyVocabulary
from tests.fakes.answers import Script
from tests.fakes.engines import engine_process, local_engine
from tests.fakes.playback import Fault
from tests.fakes.raw_engine import EngineSettings, RawEngine
from tests.fakes.recorded import answering
from tests.inference.conftest import collect, pool_on, question

LLAMA = EngineSettings("llamacpp", rate=0, ttft=0, model="small", script=Script(5, 0))
VLLM = EngineSettings("vllm", rate=0, ttft=0, context=4096, model="large", script=Script(5, 0))
NOBODY = "http://127.0.0.1:9"
CHAT_ONLY = b"HTTP/1.1 404 None\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Shuffled(HarmonyVocabulary):
    """As long as o200k_harmony, with other text behind the ids."""

    def __init__(self, original: HarmonyVocabulary) -> None:
        self._original = original

    def piece(self, token: int) -> bytes:
        return self._original.piece(self.size - 1 - token)


async def taken(pool: Pool, policy: DataPolicy, model: str | None = None, *, avoid: str = "") -> str:
    async with pool.acquire(policy, model, avoid=frozenset({avoid})) as lease:
        return lease.engine.name


async def both_healthy(pool: Pool, policy: DataPolicy) -> None:
    await asyncio.gather(taken(pool, policy, "small"), taken(pool, policy, "large"))


async def test_each_kind_is_known_by_what_it_answers(policy: DataPolicy) -> None:
    async with local_engine(LLAMA) as one, local_engine(VLLM) as two, pool_on(one.url, two.url) as pool:
        await both_healthy(pool, policy)
        async with pool.acquire(policy, "small") as first, pool.acquire(policy, "large") as second:
            found = [(lease.engine.kind, lease.engine.name, lease.engine.context_length) for lease in (first, second)]

    assert found == [("llamacpp", "engine-1", 131_072), ("vllm", "engine-2", 4096)]


async def test_the_one_with_the_fewest_open_requests_is_taken_then_the_other_in_turn(policy: DataPolicy) -> None:
    async with local_engine(LLAMA) as one, local_engine(VLLM) as two, pool_on(one.url, two.url) as pool:
        await both_healthy(pool, policy)
        async with pool.acquire(policy, None) as busy:
            other = {await taken(pool, policy) for _ in range(3)}
        in_turn = [await taken(pool, policy) for _ in range(4)]

    assert other == {"engine-1", "engine-2"} - {busy.engine.name}
    assert in_turn in (["engine-1", "engine-2"] * 2, ["engine-2", "engine-1"] * 2)


async def test_an_engine_that_failed_is_avoided_unless_it_is_the_only_one(policy: DataPolicy) -> None:
    async with local_engine(LLAMA) as one, local_engine(VLLM) as two, pool_on(one.url, two.url) as pool:
        await both_healthy(pool, policy)
        others = {await taken(pool, policy, avoid="engine-1") for _ in range(3)}
        only = await taken(pool, policy, "small", avoid="engine-1")
        async with pool.acquire(policy, None, avoid=frozenset({"engine-1"})) as lease:
            reason = lease.route_reason

    assert (others, only, reason) == ({"engine-2"}, "engine-1", "another_failed")


async def test_without_a_healthy_engine_the_wait_ends_with_a_clear_error(policy: DataPolicy) -> None:
    async with pool_on("http://127.0.0.1:9", deadline=0.2) as pool:
        with pytest.raises(EngineUnavailable) as raised:
            await taken(pool, policy)

    assert (raised.value.code, raised.value.status, raised.value.retryable) == ("engine_unavailable", 503, True)
    assert "127.0.0.1" not in raised.value.detail


@pytest.mark.parametrize("is_there", [True, False])
async def test_nobody_waits_for_what_only_a_person_can_mend(
    policy: DataPolicy, monkeypatch: pytest.MonkeyPatch, is_there: bool
) -> None:
    monkeypatch.setattr(health, "_NEVER_SEEN", 0.2)
    async with answering(CHAT_ONLY) as chat_only, pool_on(chat_only if is_there else NOBODY, deadline=60) as pool:
        async with asyncio.timeout(10):
            with pytest.raises(NoEngine):
                await taken(pool, policy)


async def test_an_engine_that_loads_its_model_is_waited_for(
    policy: DataPolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "_NEVER_SEEN", 0.1)
    looks = 0
    async with local_engine(LLAMA) as engine:
        honest = engine.engine.wire.describe

        def describe(path: str, body: bytes) -> tuple[int, object]:
            nonlocal looks
            looks += 1
            return (503, {}) if looks < 4 else honest(path, body)

        monkeypatch.setattr(type(engine.engine.wire), "describe", lambda wire, path, body: describe(path, body))
        async with pool_on(engine.url) as pool:
            assert await taken(pool, policy) == "engine-1"

    assert looks > 4


async def test_no_engine_configured_is_said(policy: DataPolicy) -> None:
    async with pool_on(deadline=0.0) as pool:
        with pytest.raises(EngineUnavailable, match="ENGINE_URL"):
            await taken(pool, policy)


async def test_a_chat_only_server_is_refused_and_why_is_said(
    policy: DataPolicy, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with answering(CHAT_ONLY) as url, pool_on(url, deadline=0.4) as pool:
        with pytest.raises(EngineUnavailable, match="Chat-only"):
            await taken(pool, policy)

    assert "127.0.0.1" not in caplog.text
    assert [record.message for record in caplog.records].count("engine cannot be used") == 1


async def test_a_wrong_key_is_refused_and_why_is_said(policy: DataPolicy) -> None:
    for settings in (LLAMA, VLLM):
        locked = EngineSettings(settings.kind, rate=0, key="right", script=Script(5, 0))
        async with local_engine(locked) as engine, pool_on(engine.url, key="wrong", deadline=0.4) as pool:
            with pytest.raises(EngineUnavailable, match="ENGINE_KEY") as raised:
                await taken(pool, policy)
            assert "right" not in raised.value.detail


async def test_a_key_opens_the_engine(policy: DataPolicy) -> None:
    for settings in (LLAMA, VLLM):
        locked = EngineSettings(settings.kind, rate=0, key="right", script=Script(5, 0))
        async with (
            local_engine(locked) as engine,
            pool_on(engine.url, key="right") as pool,
            pool.acquire(policy, None) as lease,
        ):
            assert (await collect(lease, question(lease.vocabulary))).finished is not None


async def test_an_unknown_token_list_is_refused_and_the_remedy_is_named(
    policy: DataPolicy, vocabulary: HarmonyVocabulary
) -> None:
    async with local_engine(LLAMA) as engine:
        engine.engine.wire.vocabulary = Shuffled(vocabulary)
        async with pool_on(engine.url, deadline=0.4) as pool:
            with pytest.raises(EngineUnavailable, match="GGUF="):
                await taken(pool, policy)


async def test_a_model_file_tells_the_token_list_of_its_engine(policy: DataPolicy, nano: GgufVocabulary) -> None:
    async with local_engine(LLAMA) as engine:
        engine.engine.wire.vocabulary = nano
        async with pool_on(engine.url, gguf=NANO) as pool, pool.acquire(policy, None) as lease:
            assert lease.vocabulary.fingerprint == nano.fingerprint


@pytest.mark.parametrize("settings", [LLAMA, VLLM], ids=["llamacpp", "vllm"])
async def test_one_probe_that_disagrees_is_enough_for_a_refusal(
    settings: EngineSettings, policy: DataPolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with local_engine(settings) as engine:
        asked: list[bytes] = []
        honest = engine.engine.wire.describe

        def describe(path: str, body: bytes) -> tuple[int, object]:
            if path == "/detokenize":
                asked.append(body)
                if len(asked) == 23:
                    return 200, {"content": "other", "prompt": "other"}
            return honest(path, body)

        monkeypatch.setattr(type(engine.engine.wire), "describe", lambda wire, path, body: describe(path, body))
        async with pool_on(engine.url, deadline=2.0) as pool:
            with pytest.raises(EngineUnavailable):
                await taken(pool, policy)

    assert len(asked) >= 23


async def test_thirty_probes_are_asked(policy: DataPolicy, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    honest = RawEngine.plain

    def plain(engine: RawEngine, request: object) -> tuple[int, object] | None:
        asked.append(request.path)  # type: ignore[attr-defined]
        return honest(engine, request)  # type: ignore[arg-type]

    monkeypatch.setattr(RawEngine, "plain", plain)
    async with local_engine(LLAMA) as engine, pool_on(engine.url) as pool:
        await taken(pool, policy)

    assert asked.count("/detokenize") == 30


async def test_an_engine_that_comes_back_is_used_again_within_a_second(policy: DataPolicy) -> None:
    with engine_process("--rate", "50") as engine:
        async with pool_on(engine.url) as pool:
            async with pool.acquire(policy, None) as lease:
                stream = lease.stream(CompletionRequest(question(lease.vocabulary), 100))
                await anext(stream)
                engine.kill()
                with pytest.raises(EngineFailed):
                    [item async for item in stream]
            await asyncio.to_thread(engine.start)
            back = time.monotonic()
            await taken(pool, policy)

    assert time.monotonic() - back < 1.0


@pytest.mark.parametrize("tokens", [0, 3])
async def test_an_engine_that_answers_no_look_ends_its_silent_streams_long_before_their_limits(
    policy: DataPolicy, monkeypatch: pytest.MonkeyPatch, tokens: int
) -> None:
    monkeypatch.setattr(health, "_CHECK_EVERY", 0.05)
    monkeypatch.setattr(probes, "_TIMEOUT", 0.5)
    patient = EngineTimeouts(connect=60, first_token=60, between_tokens=60)
    with engine_process("--rate", "20", "--ttft", "0" if tokens else "50") as engine:
        pool = await Pool.open(InferenceConf((engine.url,), timeouts=patient))
        async with asyncio.timeout(10), pool.acquire(policy, None) as lease:
            stream = lease.stream(CompletionRequest(question(lease.vocabulary), 100))
            for _ in range(tokens):
                await anext(stream)
            os.kill(engine.pid, signal.SIGSTOP)
            with pytest.raises(EngineFailed):
                [item async for item in stream]
        await pool.close()


async def test_a_stream_that_goes_on_outlives_a_look_that_fails(
    policy: DataPolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "_CHECK_EVERY", 0.05)
    monkeypatch.setattr(probes, "_TIMEOUT", 0.3)
    looks = asyncio.Event()
    chatty = EngineSettings("llamacpp", rate=100, ttft=0, script=Script(100, 0))
    async with local_engine(chatty) as engine, pool_on(engine.url) as pool, pool.acquire(policy, None) as lease:
        stream = lease.stream(CompletionRequest(question(lease.vocabulary), 1000))
        await anext(stream)

        async def unanswered(probe: probes.Probe, *asked: object) -> bool:
            await asyncio.sleep(0.3)
            looks.set()
            return False

        monkeypatch.setattr(probes.Probe, "is_still", unanswered)
        rest = [item async for item in stream]

    assert looks.is_set()
    assert isinstance(rest[-1], Finished)


async def test_a_failed_engine_gets_no_call_until_it_has_answered_again(policy: DataPolicy) -> None:
    failing = EngineSettings("llamacpp", rate=0, ttft=0, fault=Fault("500"), script=Script(5, 0))
    async with local_engine(failing) as engine, pool_on(engine.url) as pool:
        async with pool.acquire(policy, None) as lease:
            with pytest.raises(EngineFailed):
                await collect(lease, question(lease.vocabulary))
        async with pool.acquire(policy, None) as lease:
            assert (await collect(lease, question(lease.vocabulary))).finished is not None


async def test_a_prompt_that_leaves_no_room_never_reaches_the_engine(policy: DataPolicy) -> None:
    async with local_engine(VLLM) as engine, pool_on(engine.url) as pool, pool.acquire(policy, None) as lease:
        with pytest.raises(ContextOverflow) as raised:
            await collect(lease, (5,) * 4096)

        assert not engine.engine.log
    assert raised.value.params == {"n_prompt_tokens": 4096, "n_ctx": 4096}


async def test_the_answer_is_asked_for_only_as_far_as_the_context_holds(policy: DataPolicy) -> None:
    async with local_engine(VLLM) as engine, pool_on(engine.url) as pool, pool.acquire(policy, None) as lease:
        await collect(lease, (5,) * 4094, max_tokens=100)

        assert engine.engine.log[0].body["max_tokens"] == 2


@pytest.mark.parametrize(
    ("kind", "served_as"), [("llamacpp", "/srv/models/gpt-oss-20b.gguf"), ("vllm", "openai/gpt-oss-20b")]
)
async def test_a_model_is_named_without_its_path_but_called_as_the_engine_calls_it(
    kind: str, served_as: str, policy: DataPolicy
) -> None:
    named = EngineSettings(kind, rate=0, model=served_as, script=Script(5, 0))
    async with local_engine(named) as engine, pool_on(engine.url) as pool, pool.acquire(policy, None) as lease:
        await collect(lease, question(lease.vocabulary))

        assert lease.engine.model == "gpt-oss-20b"
        assert engine.engine.log[0].body.get("model", served_as) == served_as
