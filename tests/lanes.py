"""Lanes of the suite: who has the machine to himself, and how a lane says that it cannot run here.

A test marked `kills` ends processes and measures how long the rest takes to notice, so nothing else may run beside it.
All of them go to one worker (they may share a running product), come last, and hold a lock that ordinary tests share.
"""

import fcntl
import os
import pathlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn, Protocol

import pytest

NOT_RUN = "not run: "
FIGURE = "figure"


class Say(Protocol):
    """Puts what a test measured into the summary; `numbers`, named with their units, into a proof's ledger too."""

    def __call__(self, figure: str, **numbers: float) -> None: ...


def not_run(why: str) -> NoReturn:
    """Skip with a line in the summary, or fail where CI promises that every lane runs."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{NOT_RUN}{why}", pytrace=False)
    pytest.skip(f"{NOT_RUN}{why}")


def in_order(items: list[pytest.Item]) -> list[pytest.Item]:
    """Kills last and on one worker."""
    for item in items:
        if item.get_closest_marker("kills"):
            item.add_marker(pytest.mark.xdist_group("kills"))
    return sorted(items, key=lambda item: item.get_closest_marker("kills") is not None)


@contextmanager
def turn(item: pytest.Item, lock: pathlib.Path) -> Iterator[None]:
    """Shared by ordinary tests, exclusive for kills."""
    with lock.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX if item.get_closest_marker("kills") else fcntl.LOCK_SH)
        yield


def figures(reports: list[pytest.TestReport]) -> list[str]:
    """What tests measured and said (`say` in conftest), in the order in which they ended."""
    return [str(value) for report in reports for name, value in report.user_properties if name == FIGURE]


def summary(skipped: list[pytest.TestReport]) -> list[str]:
    """One line for each reason, however many tests gave it."""
    reasons = (str(report.longrepr[2]) for report in skipped if isinstance(report.longrepr, tuple))
    return sorted({reason.removeprefix("Skipped: ") for reason in reasons if NOT_RUN in reason})
