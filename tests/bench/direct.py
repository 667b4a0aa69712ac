"""The baseline: the same load, straight from the engine."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson

from inference.vocabulary import o200k_harmony

# What stands before the first visible token of an answer without analysis: <|channel|>, final, <|message|>.
HEADER = 3
# Seconds over which the streams of a round begin.
RAMP = 1.0


@dataclass(frozen=True, slots=True)
class Stream:
    """One answer as a reader saw it: monotonic seconds of the request, of the first visible token and of the last."""

    asked: float
    first: float
    last: float
    tokens: int

    @property
    def to_first(self) -> float:
        """Seconds from the request to the first visible token."""
        return self.first - self.asked

    @property
    def rate(self) -> float:
        """Tokens a second from the question on: who holds an answer back and lets it go at once has gained nothing."""
        return self.tokens / (self.last - self.asked)


def _ids(piece: dict[str, Any]) -> list[int]:
    """The ids of an event; the last event has counts and no choice."""
    ids: list[int] = (piece["choices"] or [{}])[0].get("token_ids") or []
    return ids


async def one(session: aiohttp.ClientSession, url: str, prompt: list[int], delay: float) -> Stream:
    await asyncio.sleep(delay)
    body = {"prompt": prompt, "max_tokens": 4096, "stream": True, "return_token_ids": True}
    asked = time.monotonic()
    async with session.post(f"{url}/v1/completions", data=orjson.dumps(body)) as answer:
        pieces = (orjson.loads(line[6:]) async for line in answer.content if line.startswith(b"data: {"))
        times = [time.monotonic() async for piece in pieces if _ids(piece)]
    return Stream(asked, times[HEADER], times[-2], len(times) - HEADER - 1)


async def streams(url: str, count: int) -> list[Stream]:
    """That many answers, each to a prompt of its own, begun one after another within the ramp."""
    words = o200k_harmony()
    start = words.special("<|start|>")
    asked = [
        [start, *words.encode(f"user {i} {time.monotonic()}"), start, *words.encode("assistant")] for i in range(count)
    ]
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        return await asyncio.gather(*(one(session, url, a, RAMP * i / count) for i, a in enumerate(asked)))
