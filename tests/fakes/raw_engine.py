"""A raw completion engine for tests and load: ids in, ids out, in the wire shapes of llama.cpp (`POST /completion`)
and vLLM (`POST /v1/completions`), or the same answers to messages (`tests.fakes.chat_twin`).

    python -m tests.fakes.raw_engine --port 8911 [--kind llamacpp|vllm|chat] [--rate 20] [--tokens 200] [--analysis 12]
    [--ttft 0.02]
        [--fault KIND:N] [--say FILE] [--context 131072] [--model NAME] [--key KEY]

Answers are a pure function of the prompt (`tests.fakes.answers`), in o200k_harmony ids; `--rate 0` answers at once.
It has the weaknesses of the real ones: llama.cpp's stream leaves out ids that end inside a character and its last
event can name the model's file; vLLM sends the whole prompt back in its first event; both send errors under status
200. `GET /log` gives a record a request (`?prompts=1` with the ids), oracle included.
"""

import argparse
import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson

from tests.fakes.answers import Answer, Script, Writer
from tests.fakes.chat_twin import ChatWire
from tests.fakes.playback import Fault, Playback, Record
from tests.fakes.wire import LlamaCppWire, VllmWire, Wire

_SLOW = 30.0
KINDS: dict[str, type[Wire]] = {"llamacpp": LlamaCppWire, "vllm": VllmWire, "chat": ChatWire}


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """`rate` is ids a second (0: at once), `ttft` seconds before the first."""

    kind: str = "llamacpp"
    rate: float = 20.0
    ttft: float = 0.02
    context: int = 131_072
    model: str = "gpt-oss-fake"
    key: str = ""
    fault: Fault = field(default_factory=Fault)
    script: Script = field(default_factory=Script)


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    query: dict[str, list[str]]
    authorization: str
    body: bytes


@dataclass(slots=True)
class RawEngine:
    """One engine: what it was asked and what it answers. Every connection is an `EngineConnection` of it."""

    settings: EngineSettings
    log: list[Record] = field(default_factory=list)
    was_asked: asyncio.Event = field(default_factory=asyncio.Event)
    _faulted: set[int] = field(default_factory=set)
    writer: Writer = field(init=False)
    wire: Wire = field(init=False)

    def __post_init__(self) -> None:
        self.writer = Writer(self.settings.script)
        self.wire = KINDS[self.settings.kind](self.writer.vocabulary, self.settings.model, self.settings.context)

    async def listen(self, port: int = 0) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        return await loop.create_server(lambda: EngineConnection(self), "127.0.0.1", port, backlog=512)

    def fault_for(self, answer: Answer) -> Fault:
        """This prompt's fault; none from the second time on, so that a retry or a continuation goes through."""
        if answer.key in self._faulted or self.settings.fault.kind == "none":
            return Fault()
        self._faulted.add(answer.key)
        return self.settings.fault

    def plain(self, request: Request) -> tuple[int, object] | None:
        """The answer of every address but the completion's."""
        if request.path == "/log":
            prompts = bool(request.query.get("prompts"))
            return 200, [record.as_json(with_ids=prompts) for record in self.log]
        if (
            self.settings.key
            and request.authorization != f"Bearer {self.settings.key}"
            and self.wire.wants_key(request.path)
        ):
            return 401, {"error": {"message": "Invalid API Key", "type": "authentication_error", "code": 401}}
        if request.path == self.wire.path and request.method == "POST":
            return None
        return self.wire.describe(request.path, request.body)


class EngineConnection(asyncio.Protocol):
    """HTTP/1.1 as far as a client of an engine speaks it: one request at a time, bodies with a length."""

    def __init__(self, engine: RawEngine) -> None:
        self._engine = engine
        self._received = bytearray()
        self._playback: Playback | None = None
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if self._playback is not None:
            self._playback.stop()
            self._playback.record.close("client")

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, separator, rest = bytes(self._received).partition(b"\r\n\r\n")
        if not separator:
            return
        lines = head.decode("latin-1").split("\r\n")
        headers = {
            name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])
        }
        length = int(headers.get("content-length", "0"))
        if len(rest) < length:
            return
        self._received = bytearray(rest[length:])
        method, target, _ = lines[0].split(" ")
        address = urlsplit(target)
        authorization = headers.get("authorization", "")
        self._answer(Request(method, address.path, parse_qs(address.query), authorization, rest[:length]))

    def _answer(self, request: Request) -> None:
        plain = self._engine.plain(request)
        if plain is not None:
            self._say(*plain)
            return
        asked = self._engine.wire.read(request.body)
        if asked is None:
            self._say(400, {"error": {"code": 400, "message": "ids only", "type": "invalid_request_error"}})
        elif len(asked[0]) >= self._engine.settings.context:
            self._say(400, self._engine.wire.overflow(len(asked[0])))
        else:
            self._complete(*asked)

    def _complete(self, prompt: list[int], body: dict[str, Any]) -> None:
        answer = self._engine.writer.answer(prompt)
        fault = self._engine.fault_for(answer)
        record = Record(answer, prompt, body)
        self._engine.log.append(record)
        self._engine.was_asked.set()
        if fault.kind in {"500", "503"}:
            record.close("fault")
            self._say(int(fault.kind), {"error": {"message": "no", "code": int(fault.kind)}})
        else:
            self._play(record, fault)

    def _play(self, record: Record, fault: Fault) -> None:
        engine, wire = self._engine, self._engine.wire
        limit = wire.limit(record.body)
        ids = record.answer.rest[:limit] if limit else record.answer.rest
        pieces = [_chunk(event) if event else b"" for event in wire.events(record.ids, ids)]
        if pieces:
            pieces[0] = _HEAD + pieces[0]
        else:
            self._transport.write(_HEAD)  # the prompt already holds the whole answer
        rate = engine.settings.rate if record.answer.rate is None else record.answer.rate
        self._playback = Playback(
            record,
            pieces,
            self._transport.write,
            done=lambda: self._finish(record, cut=bool(limit) and len(ids) < len(record.answer.rest)),
            interval=1 / rate if rate else 0.0,
            begin=engine.settings.ttft,
            fault_at=0 if fault.kind == "stall" else fault.at - record.answer.prefix - 1,
            on_fault=lambda: self._break(record, fault),
        )
        self._playback.start()

    def _finish(self, record: Record, *, cut: bool) -> None:
        record.close("length" if cut else "stop")
        self._transport.write(_chunk(self._engine.wire.last(record)) + b"0\r\n\r\n")
        self._playback = None

    def _break(self, record: Record, fault: Fault) -> float | None:
        """Does what the fault says; gives the seconds after which the answer goes on, if it does."""
        record.end = "" if fault.kind == "slow" else "fault"
        if fault.kind == "cut":
            self._transport.abort()
        elif fault.kind == "error":
            self._transport.write(_chunk(self._engine.wire.error()) + b"0\r\n\r\n")
            record.close("fault")
        elif fault.kind == "malformed":
            self._transport.write(_chunk(b"data: {not json\n\n"))
        return _SLOW if fault.kind == "slow" else None

    def _say(self, status: int, body: object) -> None:
        content = b"" if body is None else orjson.dumps(body)
        head = f"HTTP/1.1 {status} .\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        self._transport.write(head.encode() + content)


_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def _chunk(content: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(content), content)


def _settings() -> tuple[EngineSettings, int]:
    options = argparse.ArgumentParser(description="A raw completion engine for tests and load.")
    options.add_argument("--port", type=int, default=8911)
    options.add_argument("--kind", choices=list(KINDS), default="llamacpp")
    options.add_argument("--rate", type=float, default=20.0)
    options.add_argument("--tokens", type=int, default=200)
    options.add_argument("--analysis", type=int, default=12)
    options.add_argument("--ttft", type=float, default=0.02)
    options.add_argument("--fault", type=Fault.parse, default=Fault())
    options.add_argument("--say", type=Path)
    options.add_argument("--context", type=int, default=131_072)
    options.add_argument("--model", default="gpt-oss-fake")
    options.add_argument("--key", default="")
    given = options.parse_args()
    script = Script(given.tokens, given.analysis, given.say.read_text(encoding="utf-8") if given.say else "")
    return (
        EngineSettings(given.kind, given.rate, given.ttft, given.context, given.model, given.key, given.fault, script),
        given.port,
    )


async def _serve(settings: EngineSettings, port: int) -> None:
    server = await RawEngine(settings).listen(port)
    print(f"ready {server.sockets[0].getsockname()[1]}", flush=True)  # noqa: T201  the helper that starts it waits for this line
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(*_settings()))
