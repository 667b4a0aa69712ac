"""The client of llama.cpp, on what the real one sent (recorded with the nano model) and on what a broken one might."""

from pathlib import Path

import pytest

from inference.contracts import CompletionRequest, Finished, Tokens
from inference.engines import llamacpp
from inference.errors import ContextOverflow, EngineFailed, EngineUnavailable
from inference.token_lists import GgufVocabulary
from tests.fakes.recorded import answering, stream_of
from tests.inference.engines.conftest import CallOf

RECORDINGS = Path(__file__).resolve().parents[1] / "recordings"
LAST = '{"stop":true,"stop_type":"eos","tokens_predicted":1,"tokens_evaluated":2,"timings/cache_n":1}'


async def items_of(call_of: CallOf, nano: GgufVocabulary, response: bytes, piece: int = 0) -> list[Tokens | Finished]:
    async with answering(response, piece) as url:
        return [item async for item in llamacpp.stream(call_of(url), nano)]


def text_of(items: list[Tokens | Finished], nano: GgufVocabulary) -> str:
    return b"".join(nano.decode(item.ids) for item in items if isinstance(item, Tokens)).decode()


@pytest.mark.parametrize("piece", [0, 1, 7])
async def test_ids_left_out_inside_characters_are_made_again(call_of: CallOf, nano: GgufVocabulary, piece: int) -> None:
    response = (RECORDINGS / "llamacpp_inside_characters.http").read_bytes()

    items = await items_of(call_of, nano, response, piece)

    assert text_of(items, nano) == "光Σ✓ naïve 🏛️ ok<|call|>"
    assert items[0] == Tokens((161, 227, 231), rebuilt=True)
    assert items[3] == Tokens((292,))
    assert items[-1] == Finished("stop", 6, 26, 1)


async def test_an_answer_cut_inside_a_character_ends_before_it(call_of: CallOf, nano: GgufVocabulary) -> None:
    response = (RECORDINGS / "llamacpp_cut_inside_a_character.http").read_bytes()

    items = await items_of(call_of, nano, response)

    assert items == [Tokens((161, 227, 231), rebuilt=True), Finished("length", 6, 4, 1)]


async def test_a_control_token_after_left_out_ids_is_kept(call_of: CallOf, nano: GgufVocabulary) -> None:
    end = nano.special("<|end|>")
    event = f'{{"content":"光<|end|>","tokens":[{end}],"stop":false,"tokens_predicted":4}}'

    items = await items_of(call_of, nano, stream_of(event, LAST))

    assert items[0] == Tokens((161, 227, 231, end), rebuilt=True)


async def test_an_overflow_carries_the_two_numbers(call_of: CallOf, nano: GgufVocabulary) -> None:
    with pytest.raises(ContextOverflow) as raised:
        await items_of(call_of, nano, (RECORDINGS / "llamacpp_context_overflow.http").read_bytes())

    assert raised.value.params == {"n_prompt_tokens": 5000, "n_ctx": 4096}
    assert not raised.value.retryable


async def test_an_engine_that_still_loads_is_not_available_yet(call_of: CallOf, nano: GgufVocabulary) -> None:
    with pytest.raises(EngineUnavailable):
        await items_of(call_of, nano, (RECORDINGS / "llamacpp_loading.http").read_bytes())


@pytest.mark.parametrize(
    "events",
    [
        (),
        ('{"content":"a","tokens":[1],"tokens_predicted":1}',),
        ('{"content":"a","tokens":[4719],"tokens_predicted":1}', LAST),
        ('{"content":"a","tokens":[-1],"tokens_predicted":1}', LAST),
        ('{"content":"a","tokens":["1"],"tokens_predicted":1}', LAST),
        ('{"content":"a","tokens":[true],"tokens_predicted":1}', LAST),
        ('{"content":"a","tokens":7,"tokens_predicted":1}', LAST),
        ('{"content":"a","tokens_predicted":1}', LAST),
        ('{"content":"a","tokens":[1]}', LAST),
        ('{"content":7,"tokens":[1],"tokens_predicted":3}', LAST),
        ("[1]", LAST),
        ("{", LAST),
        ("[DONE]",),
    ],
)
async def test_what_cannot_be_read_is_a_failure(call_of: CallOf, nano: GgufVocabulary, events: tuple[str, ...]) -> None:
    with pytest.raises(EngineFailed):
        await items_of(call_of, nano, stream_of(*events))


def test_the_temperature_alone_shapes_the_choice() -> None:
    body = llamacpp.body(CompletionRequest((1, 2), 10, 0.5, 7, "salt"))

    assert (body["top_k"], body["top_p"], body["min_p"], body["temperature"], body["seed"]) == (0, 1.0, 0.0, 0.5, 7)
    assert "salt" not in body.values()
    assert "seed" not in llamacpp.body(CompletionRequest((1, 2), 10))
