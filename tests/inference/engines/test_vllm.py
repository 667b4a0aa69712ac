from pathlib import Path

import pytest

from inference.contracts import CompletionRequest, Finished, Tokens
from inference.engines import vllm
from inference.errors import ContextOverflow, EngineFailed, EngineRefused, EngineUnavailable
from inference.vocabulary import HarmonyVocabulary
from tests.fakes.recorded import answering, stream_of
from tests.inference.engines.conftest import CallOf

RECORDINGS = Path(__file__).resolve().parents[1] / "recordings"
ONE = '{"choices":[{"text":"","token_ids":[7,8],"finish_reason":null,"prompt_token_ids":[1,2]}]}'
ENDED = '{"choices":[{"text":"","token_ids":[200002],"finish_reason":"stop","stop_reason":200002}]}'
USAGE = '{"choices":[],"usage":{"prompt_tokens":2,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":1}}}'


async def items_of(call_of: CallOf, vocabulary: HarmonyVocabulary, response: bytes) -> list[Tokens | Finished]:
    async with answering(response) as url:
        return [item async for item in vllm.stream(call_of(url), vocabulary)]


@pytest.mark.parametrize("done", [("[DONE]",), ()], ids=["with [DONE]", "without"])
async def test_ids_come_as_they_are_with_the_engines_own_counts(
    call_of: CallOf, vocabulary: HarmonyVocabulary, done: tuple[str, ...]
) -> None:
    items = await items_of(call_of, vocabulary, stream_of(ONE, ENDED, USAGE, *done))

    assert items == [Tokens((7, 8, 200002)), Finished("stop", 2, 3, 1)]


async def test_without_usage_the_ids_are_counted(call_of: CallOf, vocabulary: HarmonyVocabulary) -> None:
    items = await items_of(call_of, vocabulary, stream_of(ONE, ENDED))

    assert items[-1] == Finished("stop", 2, 3, 0)


@pytest.mark.parametrize(
    "events",
    [
        (ONE,),
        (ONE, "[DONE]"),
        (ONE, '{"error":{"message":"EngineCore","code":500}}', "[DONE]"),
        (ONE, ENDED.replace("stop", "abort", 1)),
        (ONE, ENDED.replace('"stop"', '"error"')),
        (ONE.replace("7", "201088"), ENDED),
        (ONE.replace("7", '"7"'), ENDED),
        (ONE.replace("[7,8]", "7"), ENDED),
        ('{"choices":{}}', '{"choices":[7]}', ENDED),
    ],
)
async def test_what_is_cut_or_cannot_be_read_is_a_failure(
    call_of: CallOf, vocabulary: HarmonyVocabulary, events: tuple[str, ...]
) -> None:
    with pytest.raises(EngineFailed):
        await items_of(call_of, vocabulary, stream_of(*events))


async def test_an_error_inside_a_recorded_stream_is_a_failure(call_of: CallOf, vocabulary: HarmonyVocabulary) -> None:
    with pytest.raises(EngineFailed):
        await items_of(call_of, vocabulary, (RECORDINGS / "vllm_error_inside_a_stream.http").read_bytes())


async def test_a_full_queue_is_not_available_now(call_of: CallOf, vocabulary: HarmonyVocabulary) -> None:
    with pytest.raises(EngineUnavailable):
        await items_of(call_of, vocabulary, (RECORDINGS / "vllm_queue_full.http").read_bytes())


async def test_a_wrong_key_is_a_refusal(call_of: CallOf, vocabulary: HarmonyVocabulary) -> None:
    with pytest.raises(EngineRefused) as raised:
        await items_of(call_of, vocabulary, (RECORDINGS / "vllm_wrong_key.http").read_bytes())

    assert raised.value.params == {"status": 401}
    assert not raised.value.retryable


async def test_an_overflow_is_known_by_its_words(call_of: CallOf, vocabulary: HarmonyVocabulary) -> None:
    body = '{"error":{"message":"This model\'s maximum context length is 2048 tokens.","code":400}}'
    response = f"HTTP/1.1 400 Bad Request\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()

    with pytest.raises(ContextOverflow):
        await items_of(call_of, vocabulary, response)


def test_the_salt_is_sent_only_where_there_is_one(vocabulary: HarmonyVocabulary) -> None:
    assert vllm.body(CompletionRequest((1,), 5, cache_salt="t"), "m", vocabulary)["cache_salt"] == "t"
    assert "cache_salt" not in vllm.body(CompletionRequest((1,), 5), "m", vocabulary)


def test_the_engine_stops_where_harmony_stops(vocabulary: HarmonyVocabulary) -> None:
    body = vllm.body(CompletionRequest((1,), 5, seed=3), "m", vocabulary)

    assert (body["stop_token_ids"], body["seed"]) == ([200002, 200012], 3)
