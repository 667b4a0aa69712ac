"""One running product and two fake engines for all tests that end processes."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from inference.vocabulary import o200k_harmony
from tests.fakes.engines import EngineProcess, both_kinds
from tests.product.running import Product, running_product

RATE, TOKENS = 20, 200
PACED = ("--rate", str(RATE), "--tokens", str(TOKENS))


@dataclass(frozen=True, slots=True)
class Court:
    """The product under test, the token of its owner, and the engines it may use (both wire shapes)."""

    product: Product
    token: str
    engines: dict[str, EngineProcess]

    def living(self) -> list[EngineProcess]:
        """The engines that run."""
        return [engine for engine in self.engines.values() if engine.is_running]

    def finals(self, question: str) -> set[str]:
        """Every answer to this question that an engine was on its way to, whole; its title's may be among them."""
        asked = list(o200k_harmony().encode(question))
        records = [record for engine in self.living() for record in engine.log(prompts=True)]
        return {record["final"] for record in records if contains(record["ids"], asked)}


def contains(ids: list[int], part: list[int]) -> bool:
    """Whether `part` stands in `ids` in one piece."""
    return any(ids[i : i + len(part)] == part for i in range(len(ids) - len(part) + 1))


@pytest.fixture(scope="session")
def court() -> Iterator[Court]:
    with both_kinds(*PACED) as engines:
        settings = {
            "ENGINE_URL": ",".join(engine.url for engine in engines.values()),
            "ATRIUM_RUN_LEASE": "3",
            "ATRIUM_TURNS": "2",
        }
        with running_product(settings) as product:
            yield Court(product, product.owner_token(), engines)
