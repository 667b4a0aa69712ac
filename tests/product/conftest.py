"""One running product and two fake engines for all tests that end processes."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fakes.engines import EngineProcess, engine_process
from tests.product.running import Product

RATE, TOKENS = 20, 200


@dataclass(frozen=True, slots=True)
class Court:
    """The product under test, the token of its owner, and the engines it may use (both wire shapes)."""

    product: Product
    token: str
    engines: dict[str, EngineProcess]

    def finals(self) -> set[str]:
        """Every answer that an engine was on its way to, whole."""
        return {record["final"] for engine in self.engines.values() for record in engine.log()}


@pytest.fixture(scope="session")
def court(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Court]:
    options = ("--rate", str(RATE), "--tokens", str(TOKENS))
    folder: Path = tmp_path_factory.mktemp("court")
    with engine_process(*options, "--kind", "llamacpp") as one, engine_process(*options, "--kind", "vllm") as other:
        settings = {
            "ENGINE_URL": f"{one.url},{other.url}",
            "ATRIUM_LEASE_SECONDS": "3",
            "ATRIUM_TURNS": "2",
        }
        product = Product(folder, settings)
        product.start()
        try:
            yield Court(product, product.owner_token(), {"llamacpp": one, "vllm": other})
        finally:
            product.stop()
