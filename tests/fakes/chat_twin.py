"""The fake raw engine as a chat server (`POST /v1/chat/completions`, streamed): for products that speak to an engine in
messages, where ours speaks in ids. It is the same process with the same answers, timer and rate (`--kind chat`).
"""

from collections.abc import Iterator
from typing import Any

import orjson

from inference.vocabulary import END, MESSAGE, RETURN, START
from tests.fakes.playback import Record
from tests.fakes.wire import Wire, event


class ChatWire(Wire):
    """One event an id of the final text, `content` empty inside a character. What stands before the text takes its
    time and says no more than the role.
    """

    path = "/v1/chat/completions"

    def read(self, content: bytes) -> tuple[list[int], dict[str, Any]] | None:
        """The messages as the ids of a harmony prompt. Only streams are answered."""
        try:
            body = orjson.loads(content)
            said = [(str(message["role"]), str(message["content"])) for message in body.pop("messages")]
        except (ValueError, KeyError, TypeError, AttributeError):
            return None
        start, message, end = (self.vocabulary.special(name) for name in (START, MESSAGE, END))
        encode = self.vocabulary.encode
        prompt = [i for role, text in said for i in (start, *encode(role), message, *encode(text), end)]
        return ([*prompt, start, *encode("assistant")], body) if said and body.get("stream") else None

    def limit(self, body: dict[str, Any]) -> int:
        return int(body.get("max_tokens") or 0)

    def events(self, prompt: list[int], ids: tuple[int, ...]) -> Iterator[bytes]:
        begin = len(ids) - ids[::-1].index(self.vocabulary.special(MESSAGE))
        for position, (token, text) in enumerate(zip(ids, self.texts(ids), strict=True)):
            if position == 0:
                yield self._chunk({"role": "assistant", "content": ""})
            elif position < begin or token == self.vocabulary.special(RETURN):
                yield b""
            else:
                yield self._chunk({"content": text or ""})

    def last(self, record: Record) -> bytes:
        return self._chunk({}, record.end) + b"data: [DONE]\n\n"

    def error(self) -> bytes:
        return event({"error": {"message": "failed", "type": "server_error", "code": 500}})

    def overflow(self, prompt: int) -> object:
        message = f"This model's maximum context length is {self.context} tokens. Your prompt has {prompt}."
        return {"error": {"message": message, "type": "invalid_request_error", "code": "context_length_exceeded"}}

    def wants_key(self, path: str) -> bool:
        return path.startswith("/v1/")

    def describe(self, path: str, body: bytes) -> tuple[int, object]:
        if path == "/v1/models":
            return 200, {"object": "list", "data": [{"id": self.model, "object": "model", "owned_by": "fake"}]}
        return 404, {"error": {"message": "Not Found", "type": "not_found_error", "code": 404}}

    def _chunk(self, delta: dict[str, Any], finish_reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 0, "model": self.model}
        return event({**head, "choices": [choice]})
