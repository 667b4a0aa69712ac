"""A proof that was broken off goes on where it was, and its rounds are drawn alike by everybody who knows the seed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.proof import ledger, rounds

ROOT = Path(__file__).parent.parent
ROUNDS = """
import pathlib
from tests.proof.rounds import drawn, every_round

@every_round()
def test_of_chance(number, record_property):
    record_property("drawn", drawn("chance", number).randint(1, 1_000_000))
    with pathlib.Path("ran").open("a") as ran:
        ran.write(f"{number} ")
    assert number != 1 or pathlib.Path("mended").exists()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A repository with a proof of three rounds; the second fails until there is a file `mended`."""
    (tmp_path / "test_rounds.py").write_text(ROUNDS)
    (tmp_path / ".gitignore").write_text("*\n!test_rounds.py\n")
    author = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org")
    for command in (("init", "-q"), ("add", "test_rounds.py"), (*author, "commit", "-q", "-m", "Rounds")):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    return tmp_path


def prove(folder: Path, seed: int = 5, **lengths: str) -> str:
    """What the proof said; which rounds ran stands in the file `ran`."""
    (folder / "ran").unlink(missing_ok=True)
    given = {"ROUNDS": "3", "SEED": str(seed), "PROOF_LEDGER": str(folder / "ledger"), "PYTHONPATH": str(ROOT)}
    given |= lengths
    command = [sys.executable, "-m", "pytest", "-p", "tests.proof.ledger", "-p", "no:django", "test_rounds.py"]
    done = subprocess.run(command, cwd=folder, env=os.environ | given, capture_output=True, text=True, check=False)
    return done.stdout


def ran(folder: Path) -> list[int]:
    return [int(number) for number in (folder / "ran").read_text().split()]


def test_a_round_that_passed_is_left_out_and_one_that_failed_runs_again(folder: Path) -> None:
    said = prove(folder)
    assert ran(folder) == [0, 1, 2]
    assert "test_rounds.py::test_of_chance | 3 | 1 | drawn median" in said

    why = [json.loads(line)["why"] for line in (folder / "ledger").read_text().splitlines()]
    assert "number != 1" in why[1]
    assert why[0] == why[2] == ""

    (folder / "mended").touch()
    said = prove(folder)
    assert ran(folder) == [1]
    assert "test_rounds.py::test_of_chance | 3 | 0 | drawn median" in said


def test_what_passed_of_another_commit_or_seed_proves_nothing(folder: Path) -> None:
    (folder / "mended").touch()
    prove(folder)
    prove(folder, seed=6)
    assert ran(folder) == [0, 1, 2]

    with (folder / "test_rounds.py").open("a") as changed:
        changed.write("\n")
    for _ in range(2):  # nor does what passed before, of files that belong to no commit
        prove(folder)
        assert ran(folder) == [0, 1, 2]


def test_what_passed_at_another_length_proves_nothing(folder: Path) -> None:
    (folder / "mended").touch()
    prove(folder, SOAK="25")
    prove(folder, SOAK="3600")
    assert ran(folder) == [0, 1, 2]

    prove(folder, SOAK="3600")
    assert not (folder / "ran").exists()


def test_the_same_seed_draws_the_same(folder: Path) -> None:
    prove(folder)
    prove(folder, seed=6)
    drawn: dict[int, set[int]] = {}
    for line in map(json.loads, (folder / "ledger").read_text().splitlines()):
        drawn.setdefault(line["seed"], set()).add(line["measured"]["drawn"])

    assert len(drawn[5] | drawn[6]) == 6


def test_chance_depends_on_every_name_of_the_round(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEED", "5")
    assert rounds.drawn("kill", "web", 1).random() == rounds.drawn("kill", "web", 1).random()
    assert rounds.drawn("kill", "web", 1).random() != rounds.drawn("kill", "web", 2).random()


def test_the_spread_of_one_value_is_the_value() -> None:
    assert ledger.spread([2.0]) == "2.0"
    assert ledger.spread([1.0, 2.0, 3.0]).startswith("median 2.0, p95 ")


def test_an_unknown_chapter_is_refused_by_name() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.proof", "--only=nonsense"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert "nonsense" in done.stderr
