"""The twin has to be the raw engine's equal, or what is measured in front of the two cannot be compared."""

import aiohttp
import orjson
import pytest

from tests.fakes.answers import Script
from tests.fakes.engines import local_engine
from tests.fakes.raw_engine import EngineSettings, RawEngine


def asked(question: str, **more: object) -> bytes:
    return orjson.dumps({"model": "fake", "messages": [{"role": "user", "content": question}], **more})


def test_messages_become_the_ids_of_a_prompt_whose_answer_is_the_raw_engines() -> None:
    twin, raw = (RawEngine(EngineSettings(kind, script=Script(50, 0))) for kind in ("chat", "vllm"))
    read = twin.wire.read(asked("What is in the court?", stream=True))
    assert read is not None
    answers = [engine.writer.answer(read[0]) for engine in (twin, raw)]

    assert answers[0] == answers[1]
    assert len(answers[0].rest) == 3 + 50 + 1


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"messages": 1}', asked("whole")])
def test_what_is_no_request_for_a_stream_is_not_read(body: bytes) -> None:
    assert RawEngine(EngineSettings("chat")).wire.read(body) is None


async def test_a_stream_has_a_piece_for_each_token_and_the_text_of_the_answer() -> None:
    settings = EngineSettings("chat", rate=0, ttft=0, script=Script(50, 0))
    async with local_engine(settings) as twin, aiohttp.ClientSession() as session:
        answer = await session.post(f"{twin.url}/v1/chat/completions", data=asked("And then?", stream=True))
        lines = [line async for line in answer.content if line.startswith(b"data: ")]
        choices = [orjson.loads(line[6:])["choices"][0] for line in lines[:-1]]
        role, *pieces, last = choices
        text = "".join(choice["delta"]["content"] for choice in pieces)
        record = await twin.closed(0)

    assert role["delta"] == {"role": "assistant", "content": ""}
    assert (len(pieces), text) == (50, record.answer.final)
    assert (last["delta"], last["finish_reason"], lines[-1]) == ({}, "stop", b"data: [DONE]\n")
