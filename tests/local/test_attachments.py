"""Commands in another terminal."""

from pathlib import Path

import pytest

from tests.local.running import command

pytestmark = pytest.mark.slow


def test_where_nothing_runs_a_command_says_how_to_start_it(folder: Path) -> None:
    told = command(folder, "create_owner", "--email", "a@example.org", "--workspace", "Court")

    assert told.returncode == 1
    assert f"Nothing runs in {folder / 'home'}: start it with `make up`" in told.stderr
    assert "Traceback" not in told.stderr


def test_help_needs_nothing_and_shows_the_products_own_commands(folder: Path) -> None:
    told = command(folder, "help")

    assert told.returncode == 0
    assert all(f"  {name} " in told.stdout for name in ("up", "doctor", "create_owner", "run"))
    assert "createsuperuser" not in told.stdout


def test_commands_of_django_that_make_no_sense_here_name_what_does(folder: Path) -> None:
    told = command(folder, "help", "createsuperuser")

    assert told.returncode == 1
    assert "create_owner" in told.stderr
