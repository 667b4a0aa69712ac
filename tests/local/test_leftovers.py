import signal
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from tests.local.running import lives
from workspace.local.homes import Home
from workspace.local.leftovers import Leftover, end_leftovers, leftovers, remember

pytestmark = pytest.mark.kills


@pytest.fixture
def home(folder: Path) -> Home:
    home = Home(folder / "home")
    home.make()
    return home


def test_what_a_killed_run_left_is_ended(home: Home) -> None:
    left = subprocess.Popen(["sleep", "600"], start_new_session=True)
    known = Leftover.of(left.pid, signal.SIGTERM)
    assert known is not None
    remember(home, [known])

    assert end_leftovers(home) == 1

    assert not lives(left.pid)
    left.wait()
    assert end_leftovers(home) == 0


def test_a_stranger_who_has_the_number_by_now_is_spared(home: Home) -> None:
    stranger = subprocess.Popen(["sleep", "600"], start_new_session=True)
    known = Leftover.of(stranger.pid, signal.SIGKILL)
    assert known is not None
    remember(home, [replace(known, created=known.created - 60)])

    assert leftovers(home) == []
    assert end_leftovers(home) == 0

    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_a_home_without_a_past_has_none(home: Home) -> None:
    assert end_leftovers(home) == 0
