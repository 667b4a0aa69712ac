"""How many rounds a proof has and what chance decides in each: the same for everybody who knows the seed."""

import os
import random

import pytest

ROUNDS = int(os.environ.get("ROUNDS", "1"))


def seed() -> int:
    """The session's seed: given by SEED, else drawn before the workers start, which inherit it (tests/conftest.py)."""
    return int(os.environ["SEED"])


def drawn(*names: object) -> random.Random:
    """Chance for the round that these words name."""
    return random.Random(" ".join(map(str, [seed(), *names])))


def every_round() -> pytest.MarkDecorator:
    """Each round a test of its own, so that one that passed need not run again: the test takes `number`."""
    return pytest.mark.parametrize("number", range(ROUNDS))
