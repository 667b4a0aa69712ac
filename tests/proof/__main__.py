"""`make proof [ONLY=chapter,...] [ROUNDS=n] [SEED=n]`: the promises of reliability at their full length.

Rounds that passed before, of this commit and seed, are left out: a proof that was broken off goes on where it was.
"""

import argparse
import os
import random
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.__main__ import machine

LEDGERS = Path("var/proof")


@dataclass(frozen=True, slots=True)
class Chapter:
    """Test files, and the lengths that they have in a proof."""

    files: tuple[str, ...]
    lengths: dict[str, str] = field(default_factory=dict)


CHAPTERS = {
    "kills": Chapter(("tests/product/test_kills.py", "tests/product/test_stop.py")),
    "faults": Chapter(("tests/product/test_between.py", "tests/product/test_disks.py", "tests/product/test_clocks.py")),
    "stalls": Chapter(("tests/product/test_stalls.py", "tests/product/test_open_streams.py")),
    "hostile": Chapter(
        ("tests/fuzz", "tests/product/test_hostile_input.py", "tests/product/test_limits.py"),
        {"FUZZ": "1000000", "EXAMPLES": "200"},
    ),
    "restore": Chapter(("tests/product/test_restore.py",)),
    "reload": Chapter(("tests/product/test_reload.py",)),
    "soak": Chapter(("tests/product/test_soak.py",), {"SOAK": "3600"}),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="make proof", description=__doc__)
    parser.add_argument("--only", default="", help="comma-separated chapters")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    given = parser.parse_args()
    wanted = [name for name in given.only.split(",") if name] or list(CHAPTERS)
    if unknown := set(wanted) - set(CHAPTERS):
        parser.error(f"no such chapter: {', '.join(sorted(unknown))}; there are {', '.join(CHAPTERS)}")
    chapters = [CHAPTERS[name] for name in wanted]
    LEDGERS.mkdir(parents=True, exist_ok=True)
    # Those of all chapters: a round passes at the same lengths whichever others were asked for beside it.
    lengths = {name: value for chapter in CHAPTERS.values() for name, value in chapter.lengths.items()}
    own = {"ROUNDS": str(given.rounds), "SEED": str(given.seed), "PROOF_LEDGER": str(LEDGERS / f"{given.seed}.jsonl")}
    os.environ.update(lengths | dict(os.environ) | own)
    with machine():
        options = ["-p", "tests.proof.ledger", "--capture=tee-sys", "--override-ini=faulthandler_timeout=0"]
        ended = pytest.main([*options, *(name for chapter in chapters for name in chapter.files)])
    # Nothing was left to run: all of it had passed before.
    return 0 if ended is pytest.ExitCode.NO_TESTS_COLLECTED else ended


if __name__ == "__main__":
    sys.exit(main())
