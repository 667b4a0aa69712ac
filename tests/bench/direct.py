"""The baseline: the same load, straight from the engine."""

import asyncio
import time
from dataclasses import dataclass

import aiohttp
import orjson

from inference.vocabulary import o200k_harmony

# What stands before the first visible token of an answer without analysis: <|channel|>, final, <|message|>.
HEADER = 3


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
        """Tokens a second after the first."""
        return (self.tokens - 1) / (self.last - self.first)


async def one(session: aiohttp.ClientSession, url: str, prompt: list[int]) -> Stream:
    body = {"prompt": prompt, "max_tokens": 4096, "stream": True, "return_token_ids": True}
    asked = time.monotonic()
    async with session.post(f"{url}/v1/completions", data=orjson.dumps(body)) as answer:
        pieces = (orjson.loads(line[6:]) async for line in answer.content if line.startswith(b"data: {"))
        times = [time.monotonic() async for piece in pieces if piece["choices"][0].get("token_ids")]
    return Stream(asked, times[HEADER], times[-2], len(times) - HEADER - 1)


async def streams(url: str, count: int) -> list[Stream]:
    """That many answers at once, each to a prompt of its own."""
    words = o200k_harmony()
    prompts = [[words.special("<|start|>"), *words.encode(f"user {i} {time.monotonic()}")] for i in range(count)]
    start = [words.special("<|start|>"), *words.encode("assistant")]
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        return await asyncio.gather(*(one(session, url, prompt + start) for prompt in prompts))
