"""The settings of the inference room, read once at the start of a process that calls engines."""

from dataclasses import dataclass
from pathlib import Path

from workspace.common import environment

# A test model that travels with the product: it shows that everything works, and knows nothing.
NANO = Path(__file__).resolve().parent / "models" / "nano4-q8_0.gguf"


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
    gguf: Path = NANO
    timeouts: EngineTimeouts = EngineTimeouts()
    acquire_deadline: float = 30.0

    @classmethod
    def from_environment(cls) -> "InferenceConf":
        """`ENGINE_URL` (a comma list), `ENGINE_KEY`, `GGUF`, the two silences and the deadline.

        Raises:
            EnvironmentValueError: a value cannot be used.
        """
        return cls(
            urls=environment.listed("ENGINE_URL"),
            key=environment.text("ENGINE_KEY"),
            gguf=model_file(),
            timeouts=EngineTimeouts(
                first_token=environment.seconds("ENGINE_FIRST_TOKEN_TIMEOUT", 120.0),
                between_tokens=environment.seconds("ENGINE_TOKEN_TIMEOUT", 30.0),
            ),
            acquire_deadline=environment.seconds("ENGINE_DEADLINE", 30.0),
        )


@dataclass(frozen=True, slots=True)
class LocalEngineConf:
    """The engine of this machine. It takes no call without the key."""

    port: int
    key: str
    gguf: Path = NANO

    @classmethod
    def from_environment(cls) -> "LocalEngineConf":
        """`ATRIUM_ENGINE_PORT` (0: any), `ENGINE_KEY`, `GGUF`.

        Raises:
            EnvironmentValueError: a value is missing or cannot be used.
        """
        return cls(
            port=environment.number("ATRIUM_ENGINE_PORT", 0),
            key=environment.required("ENGINE_KEY"),
            gguf=model_file(),
        )


def model_file() -> Path:
    """`GGUF`, else the test model."""
    return Path(environment.text("GGUF", str(NANO))).expanduser()
