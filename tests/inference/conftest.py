"""What the tests of the inference room share: the vocabularies, a policy, pools on fake engines."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from compliance.contracts import DataPolicy, Fallback, TrainingDecision
from inference.conf import NANO, EngineTimeouts, InferenceConf
from inference.contracts import CompletionRequest, Finished, Tokens
from inference.gguf import read_model_file
from inference.harmony import SystemMessage, UserMessage
from inference.pool import Lease, Pool
from inference.rendering import render_prompt
from inference.token_lists import GgufVocabulary
from inference.vocabulary import HarmonyVocabulary, Vocabulary, o200k_harmony
from tests.fakes.engines import LocalEngine, local_engine
from tests.fakes.raw_engine import EngineSettings
from workspace.common.contracts import Surface

QUICK = EngineTimeouts(connect=1.0, first_token=1.0, between_tokens=1.0)


@pytest.fixture(scope="session")
def vocabulary() -> HarmonyVocabulary:
    return o200k_harmony()


@cache
def nano_vocabulary() -> GgufVocabulary:
    file = read_model_file(NANO)
    return GgufVocabulary(file.tokens, file.token_types)


@pytest.fixture(scope="session")
def nano() -> GgufVocabulary:
    return nano_vocabulary()


@pytest.fixture
def policy() -> DataPolicy:
    return DataPolicy("test", Surface.BUSINESS, False, TrainingDecision(False, "test"), Fallback.NEVER, None)


@dataclass(frozen=True, slots=True)
class Collected:
    """Everything that one stream gave."""

    ids: tuple[int, ...]
    rebuilt: bool
    finished: Finished | None


async def collect(lease: Lease, prompt: tuple[int, ...], max_tokens: int = 4096) -> Collected:
    ids: list[int] = []
    rebuilt, finished = False, None
    async for item in lease.stream(CompletionRequest(prompt, max_tokens, temperature=0.0)):
        if isinstance(item, Tokens):
            ids.extend(item.ids)
            rebuilt |= item.rebuilt
        else:
            finished = item
    return Collected(tuple(ids), rebuilt, finished)


def question(vocabulary: Vocabulary, text: str = "hello") -> tuple[int, ...]:
    return render_prompt((SystemMessage("2026-11-23"), UserMessage(text)), vocabulary)


@asynccontextmanager
async def pool_on(*urls: str, key: str = "", deadline: float = 5.0, gguf: Path = NANO) -> AsyncIterator[Pool]:
    pool = await Pool.open(InferenceConf(urls, key, gguf, QUICK, deadline))
    try:
        yield pool
    finally:
        await pool.close()


@asynccontextmanager
async def leased(settings: EngineSettings, policy: DataPolicy) -> AsyncIterator[tuple[Lease, LocalEngine]]:
    """A lease on a fake engine of its own."""
    async with local_engine(settings) as engine, pool_on(engine.url) as pool, pool.acquire(policy, None) as lease:
        yield lease, engine
