"""The two wire shapes of raw completion, with what each engine does badly."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from inference.vocabulary import Vocabulary
from tests.fakes.playback import Record


@dataclass(slots=True)
class Wire(ABC):
    vocabulary: Vocabulary
    model: str
    context: int

    path = ""

    def read(self, content: bytes) -> tuple[list[int], dict[str, Any]] | None:
        """The prompt's ids and the rest of the body; None where they are no ids."""
        try:
            body = orjson.loads(content)
            prompt = body.pop("prompt")
            return (prompt, body) if prompt and all(type(token) is int for token in prompt) else None
        except (ValueError, KeyError, TypeError, AttributeError):
            return None

    @abstractmethod
    def limit(self, body: dict[str, Any]) -> int:
        """The most ids that the request wants; 0: no limit."""

    @abstractmethod
    def events(self, prompt: list[int], ids: tuple[int, ...]) -> Iterator[bytes]:
        """One event an id; empty where this engine stays silent."""

    @abstractmethod
    def last(self, record: Record) -> bytes:
        """What ends a stream."""

    @abstractmethod
    def error(self) -> bytes:
        """An error under status 200."""

    @abstractmethod
    def overflow(self, prompt: int) -> object: ...

    @abstractmethod
    def wants_key(self, path: str) -> bool: ...

    @abstractmethod
    def describe(self, path: str, body: bytes) -> tuple[int, object]:
        """Status and body of the addresses by which a client learns what it speaks to."""

    def texts(self, ids: tuple[int, ...]) -> Iterator[str | None]:
        """The text that each id completes; None where the text so far ends inside a character."""
        held = b""
        for token in ids:
            held += self.vocabulary.piece(token)
            if _ends_inside_character(held):
                yield None
            else:
                yield held.decode("utf-8", "replace")
                held = b""


class LlamaCppWire(Wire):
    path = "/completion"

    def limit(self, body: dict[str, Any]) -> int:
        return max(int(body.get("n_predict", -1)), 0)

    def events(self, prompt: list[int], ids: tuple[int, ...]) -> Iterator[bytes]:
        for predicted, (token, text) in enumerate(zip(ids, self.texts(ids), strict=True), 1):
            piece = {
                "index": 0,
                "content": text,
                "tokens": [token],
                "stop": False,
                "id_slot": -1,
                "tokens_predicted": predicted,
                "tokens_evaluated": len(prompt),
            }
            yield b"" if text is None else event(piece)

    def last(self, record: Record) -> bytes:
        everything = {
            "content": "",
            "tokens": [],
            "stop": True,
            "stop_type": "limit" if record.end == "length" else "eos",
            "tokens_predicted": record.sent,
            "tokens_evaluated": len(record.ids),
            "timings/cache_n": 0,
            "model": "/srv/models/secret.gguf",
        }
        wanted = record.body.get("response_fields") or everything.keys()
        return event({name: everything[name] for name in everything if name in wanted})

    def error(self) -> bytes:
        return event(
            {"error": {"code": 500, "message": "slot failed at /srv/models/secret.gguf", "type": "server_error"}}
        )

    def overflow(self, prompt: int) -> object:
        error = {"type": "exceed_context_size_error", "n_prompt_tokens": prompt, "n_ctx": self.context}
        return {"error": {"code": 400, "message": "too long", **error}}

    def wants_key(self, path: str) -> bool:
        return path != "/health"

    def describe(self, path: str, body: bytes) -> tuple[int, object]:
        match path:
            case "/health":
                return 200, {"status": "ok"}
            case "/props":
                return 200, {
                    "default_generation_settings": {"n_ctx": self.context},
                    "model_path": "/srv/models/secret.gguf",
                }
            case "/v1/models":
                meta = {"n_vocab": self.vocabulary.size, "n_ctx": self.context}
                return 200, {"object": "list", "data": [{"id": self.model, "object": "model", "meta": meta}]}
            case "/detokenize":
                ids = tuple(orjson.loads(body)["tokens"])
                return 200, {"content": self.vocabulary.decode(ids).decode("utf-8", "replace")}
        return 404, {"error": {"code": 404, "message": "File Not Found", "type": "not_found_error"}}


class VllmWire(Wire):
    path = "/v1/completions"

    def limit(self, body: dict[str, Any]) -> int:
        return int(body.get("max_tokens", 16))

    def events(self, prompt: list[int], ids: tuple[int, ...]) -> Iterator[bytes]:
        for position, (token, text) in enumerate(zip(ids, self.texts(ids), strict=True)):
            choice = {"index": 0, "text": text or "", "token_ids": [token], "finish_reason": None, "stop_reason": None}
            if position == 0:
                choice["prompt_token_ids"] = prompt
            yield self._event([choice])

    def last(self, record: Record) -> bytes:
        choice = {"index": 0, "text": "", "token_ids": [], "finish_reason": record.end, "stop_reason": None}
        details = {"cached_tokens": 0}
        usage = {"prompt_tokens": len(record.ids), "completion_tokens": record.sent, "prompt_tokens_details": details}
        return self._event([choice]) + self._event([], usage=usage) + b"data: [DONE]\n\n"

    def error(self) -> bytes:
        return event({"error": {"message": "EngineCore at /srv/models failed", "code": 500}}) + b"data: [DONE]\n\n"

    def overflow(self, prompt: int) -> object:
        message = f"This model's maximum context length is {self.context} tokens. Your prompt has {prompt}."
        return {"error": {"message": message, "type": "BadRequestError", "param": None, "code": 400}}

    def wants_key(self, path: str) -> bool:
        return path.startswith("/v1/")

    def describe(self, path: str, body: bytes) -> tuple[int, object]:
        match path:
            case "/health":
                return 200, None
            case "/version":
                return 200, {"version": "0.33.0"}
            case "/v1/models":
                return 200, {"object": "list", "data": [{"id": self.model, "max_model_len": self.context}]}
            case "/detokenize":
                ids = tuple(orjson.loads(body)["tokens"])
                return 200, {"prompt": self.vocabulary.decode(ids).decode("utf-8", "replace")}
        return 404, {"detail": "Not Found"}

    def _event(self, choices: list[dict[str, Any]], **more: object) -> bytes:
        return event({"id": "cmpl-1", "object": "text_completion", "model": self.model, "choices": choices, **more})


def event(value: dict[str, Any]) -> bytes:
    """A server-sent event of JSON."""
    return b"data: " + orjson.dumps(value) + b"\n\n"


def _ends_inside_character(text: bytes) -> bool:
    """As llama.cpp looks at it: a lead byte among the last three that promises more bytes than follow. Stray bytes
    count as whole.
    """
    for back in range(1, min(len(text), 4) + 1):
        byte = text[-back]
        if byte & 0b1100_0000 != 0b1000_0000:
            needed = 4 if byte >= 0xF0 else 3 if byte >= 0xE0 else 2 if byte >= 0xC0 else 1
            return needed > back
    return False
