"""What the tests of the runs room stand on: a kind of run, a process that is a runner, engines, followers."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.runs.diary import Diary


@pytest.fixture
def diary() -> "Diary":
    from tests.runs.diary import fresh

    return fresh()
