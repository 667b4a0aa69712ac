"""Whether an engine answers: a question is put to it through the pool, as a turn would put it."""

import asyncio
import time
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from compliance.contracts import DataPolicy, Fallback, TrainingDecision
from inference.conf import EngineTimeouts, InferenceConf
from inference.contracts import CompletionRequest, EngineInfo, Tokens
from inference.harmony import SystemMessage, UserMessage
from inference.pool import Lease, Pool
from inference.remedies import REMEDIES, Remedy
from inference.rendering import render_prompt
from workspace.common.contracts import Surface
from workspace.common.errors import AtriumError

_QUESTION: Final = (SystemMessage("2026-01-01", "low"), UserMessage("Hello"))
_MOST: Final = 200  # tokens
_PATIENCE: Final = EngineTimeouts(connect=3.0, first_token=60.0, between_tokens=20.0)
# How long an engine that loads its model is waited for, in seconds; one that does not answer is given up before.
_DEADLINE: Final = 4.0
# Nothing of a person is in the question.
_POLICY: Final = DataPolicy("doctor", Surface.BUSINESS, False, TrainingDecision(False, "doctor"), Fallback.NEVER, None)


@dataclass(frozen=True)
class Examined:
    """`remedy` is None when it answered; seconds are from the question to its first token, and to its last."""

    engine: EngineInfo | None = None
    is_test_model: bool = False
    first_token: float = 0.0
    whole: float = 0.0
    tokens: int = 0
    remedy: Remedy | None = None

    def words(self) -> str:
        if self.remedy is not None or self.engine is None:
            return self.remedy.what if self.remedy is not None else ""
        kind = "a test model that knows very little" if self.is_test_model else self.engine.kind
        times = f"first token after {self.first_token * 1000:.0f} ms, {self.tokens} tokens in {self.whole:.2f} s"
        return f"{self.engine.model} ({kind}) answers: {times}"


def examined(urls: list[str], key: str, gguf: Path) -> list[Examined]:
    """Asks all of them at the same time, and waits for each answer."""
    return asyncio.run(_all(urls, key, gguf))


async def _all(urls: list[str], key: str, gguf: Path) -> list[Examined]:
    return list(await asyncio.gather(*(_one(InferenceConf((url,), key, gguf, _PATIENCE, _DEADLINE)) for url in urls)))


async def _one(conf: InferenceConf) -> Examined:
    pool = await Pool.open(conf)
    try:
        async with pool.acquire(_POLICY, None) as lease:
            return await _asked(lease, is_test_model=pool.statuses()[0].is_test_model)
    except AtriumError as error:
        problem = pool.statuses()[0].problem
        broken = Remedy(f"It broke off: {error}.", "See the engine's own log, and ask again.")
        return Examined(remedy=REMEDIES[problem] if problem else broken)
    finally:
        await pool.close()


async def _asked(lease: Lease, *, is_test_model: bool) -> Examined:
    began, first, count = time.monotonic(), 0.0, 0
    prompt = render_prompt(_QUESTION, lease.vocabulary)
    async with aclosing(lease.stream(CompletionRequest(prompt, _MOST, temperature=0.0))) as items:
        async for item in items:
            if isinstance(item, Tokens):
                first = first or time.monotonic() - began
                count += len(item.ids)
    if not count:
        return Examined(remedy=Remedy("It ended without a word.", "See the engine's own log."))
    return Examined(lease.engine, is_test_model, first, time.monotonic() - began, count)
