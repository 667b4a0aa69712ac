"""The settings of the inference room, read once at the start of a process that calls engines."""

from dataclasses import dataclass
from pathlib import Path

from workspace.common import environment


@dataclass(frozen=True, slots=True)
class EngineTimeouts:
    """In seconds. `first_token` covers the engine's queue and the reading of the prompt, `between_tokens` each later
    silence.
    """

    connect: float = 3.0
    first_token: float = 120.0
    between_tokens: float = 30.0


@dataclass(frozen=True, slots=True)
class InferenceConf:
    """Which engines there are and how long to wait for them.

    `urls` and `key` stay inside this room: neither appears in a log, an error or a receipt. `gguf` is the model file
    whose token list describes an engine that is not o200k_harmony. `acquire_deadline` is how long a call waits for a
    healthy engine, in seconds.
    """

    urls: tuple[str, ...]
    key: str = ""
    gguf: Path | None = None
    timeouts: EngineTimeouts = EngineTimeouts()
    acquire_deadline: float = 30.0

    @classmethod
    def from_environment(cls) -> "InferenceConf":
        """`ENGINE_URL` (a list), else the local engine on `ATRIUM_ENGINE_PORT`; `ENGINE_KEY`; `GGUF`; two silences; the
        deadline.

        Raises:
            EnvironmentValueError: a value cannot be used.
        """
        port = environment.number("ATRIUM_ENGINE_PORT", 0)
        gguf = environment.text("GGUF")
        return cls(
            urls=environment.listed("ENGINE_URL") or ((f"http://127.0.0.1:{port}",) if port else ()),
            key=environment.text("ENGINE_KEY"),
            gguf=Path(gguf) if gguf else None,
            timeouts=EngineTimeouts(
                connect=environment.seconds("ENGINE_CONNECT_TIMEOUT", 3.0),
                first_token=environment.seconds("ENGINE_FIRST_TOKEN_TIMEOUT", 120.0),
                between_tokens=environment.seconds("ENGINE_TOKEN_TIMEOUT", 30.0),
            ),
            acquire_deadline=environment.seconds("ENGINE_DEADLINE", 30.0),
        )
