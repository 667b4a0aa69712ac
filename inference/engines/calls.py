"""One HTTP call of an engine whose answer is a stream of events: time limits, refusals and a connection that closes
with the stream.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, TypeVar

import aiohttp
import orjson

from inference.conf import EngineTimeouts
from inference.errors import ContextOverflow, EngineFailed, EngineRefused, EngineTimeout, EngineUnavailable
from inference.server_sent_events import EventSplitter, EventTooLong

JsonObject = dict[str, Any]
T = TypeVar("T")
# Waited for before a read.
Pace = Callable[[], Awaitable[None]]

_REFUSAL_LIMIT = 64 << 10  # bytes of an error body that are read
_BUSY = {429, 503}


@dataclass(frozen=True, slots=True)
class Address:
    """Where an engine is and the key that it wants. Never leaves this package: not in a log, an error or a
    representation.
    """

    url: str
    key: str

    def __repr__(self) -> str:
        return "Address(...)"

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"} if self.key else {}


class Patience:
    """How long one caller waits for a sign of life: a limit around each wait, and an end to all of them at once."""

    def __init__(self) -> None:
        self.heard_at = asyncio.get_running_loop().time()
        self._limit: asyncio.Timeout | None = None
        self._is_over = False

    async def until(self, sign: Awaitable[T], seconds: float) -> T:
        """Raises:
        TimeoutError: it took longer, or the patience has ended.
        """
        try:
            async with asyncio.timeout(0 if self._is_over else seconds) as self._limit:
                heard = await sign
        finally:
            self._limit = None
        self.heard_at = asyncio.get_running_loop().time()
        return heard

    def end(self, since: float) -> None:
        """Waits no more, if no sign of life has come since this time of the loop."""
        if self.heard_at > since:
            return
        self._is_over = True
        if self._limit is not None and not self._limit.expired():
            self._limit.reschedule(since)


async def at_once() -> None:
    """Reads as it comes."""


@dataclass(frozen=True, slots=True)
class EngineCall:
    """What is posted, where, how long may pass without a sign of life, and what is waited for before each read but the
    first: a reader that comes seldom reads many events in one piece, which costs little more than one.
    """

    session: aiohttp.ClientSession
    address: Address
    path: str
    body: JsonObject
    timeouts: EngineTimeouts
    patience: Patience = field(default_factory=Patience)
    before_read: Pace = at_once

    async def events(self) -> AsyncGenerator[list[JsonObject], None]:
        """The events of each read as JSON objects, until the engine ends the stream or says `[DONE]`. Closing the
        generator closes the connection.

        Raises:
            EngineUnavailable: nobody listens, or the engine is loading or full.
            EngineTimeout: silence longer than the limits, or than the patience.
            EngineFailed: 5xx, a cut stream, an error event, or what is no JSON object.
            ContextOverflow: the engine says that the prompt does not fit.
            EngineRefused: another 4xx.
        """
        try:
            response = await self.patience.until(self._open(), self.timeouts.first_token)
        except TimeoutError:
            raise EngineTimeout from None
        except aiohttp.ClientConnectorError:
            raise EngineUnavailable from None
        except aiohttp.ClientError:
            raise EngineFailed from None
        try:
            async with aclosing(self._chunks(response)) as chunks:
                splitter = EventSplitter()
                async for chunk in chunks:
                    events, end = _until_the_end(_split(splitter, chunk))
                    if events:
                        yield events
                    if end == b"[DONE]":
                        return
                    if end is not None:
                        raise EngineFailed
        finally:
            response.close()  # not released: an engine stops working for a call when its connection closes

    async def _open(self) -> aiohttp.ClientResponse:
        response = await self.session.post(
            self.address.url + self.path,
            data=orjson.dumps(self.body),
            headers=self._headers(),
            allow_redirects=False,
        )
        if response.status != 200:
            await _refuse(response)
        return response

    def _headers(self) -> dict[str, str]:
        return {"Content-Type": "application/json", **self.address.headers()}

    async def _chunks(self, response: aiohttp.ClientResponse) -> AsyncGenerator[bytes, None]:
        """What has arrived, in whatever pieces. A limit stands around each read alone, never around the reader's own
        time.
        """
        silence = self.timeouts.first_token
        while True:
            try:
                chunk = await self.patience.until(response.content.readany(), silence)
            except TimeoutError:
                raise EngineTimeout from None
            except aiohttp.ClientError:
                raise EngineFailed from None
            if not chunk:
                return
            silence = self.timeouts.between_tokens
            yield chunk
            await self.before_read()


def _split(splitter: EventSplitter, chunk: bytes) -> list[bytes]:
    try:
        return splitter.feed(chunk)
    except EventTooLong:
        raise EngineFailed from None


def _until_the_end(pieces: list[bytes]) -> tuple[list[JsonObject], bytes | None]:
    """The events that come before the end, and what ends them: `[DONE]`, an error event, which engines send under a
    status of 200, or what is no object. None where the stream goes on.
    """
    events: list[JsonObject] = []
    for data in pieces:
        event = None if data == b"[DONE]" else _object(data)
        if event is None or event.get("error"):
            return events, data
        events.append(event)
    return events, None


def _object(data: bytes) -> JsonObject | None:
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


async def _refuse(response: aiohttp.ClientResponse) -> None:
    """Raises what a status other than 200 means. The engine's own words are read for their kind and dropped."""
    try:
        body = _object(await response.content.read(_REFUSAL_LIMIT)) or {}
    finally:
        response.close()
    params: dict[str, str | int] = {"status": response.status}
    if response.status in _BUSY:
        raise EngineUnavailable(params=params)
    if response.status >= 500:
        raise EngineFailed(params=params)
    error = body.get("error")
    if isinstance(error, dict) and (overflow := _overflow(error)):
        raise overflow
    raise EngineRefused(params=params)


def _overflow(error: JsonObject) -> ContextOverflow | None:
    """llama.cpp names the two numbers; vLLM only says "maximum context length", so they stay 0 for the caller to
    fill.
    """
    if error.get("type") == "exceed_context_size_error":
        return ContextOverflow.of(_count(error.get("n_prompt_tokens")), _count(error.get("n_ctx")))
    if "maximum context length" in str(error.get("message")):
        return ContextOverflow.of(0, 0)
    return None


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0
