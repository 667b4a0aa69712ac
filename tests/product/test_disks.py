"""A disk that is full or cannot be written for a while: it is said, nothing is lost, and all goes on by itself."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fakes.engines import both_kinds
from tests.lanes import Say, not_run
from tests.product.conftest import PACED, Court
from tests.product.running import ROOT, Product, open_folder
from tests.product.test_kills import EVENTS, through
from tests.proof.rounds import drawn, every_round

pytestmark = pytest.mark.kills

# Enough for a fresh database and its log, and soon full.
SIZE = "220m"
LASTS_SECONDS = 6.0


def mount(*words: str) -> None:
    done = subprocess.run(["mount", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        not_run(f"a small disk of its own cannot be mounted here: {done.stderr.strip()}")


@contextmanager
def small_disk() -> Iterator[Path]:
    """A file system of its own, gone at the end."""
    if sys.platform != "linux" or os.geteuid() != 0:
        not_run("a small disk of its own needs Linux and root")
    with open_folder() as folder:
        place = folder / "disk"
        place.mkdir()
        mount("-t", "tmpfs", "-o", f"size={SIZE},mode=0711", "tmpfs", str(place))
        try:
            yield place
        finally:
            subprocess.run(["umount", "--lazy", str(place)], check=True)


@dataclass(frozen=True, slots=True)
class Housed:
    """A product on a disk of its own."""

    court: Court
    disk: Path


@pytest.fixture(scope="module")
def housed() -> Iterator[Housed]:
    with small_disk() as disk, both_kinds(*PACED) as engines:
        settings = {"ENGINE_URL": ",".join(engine.url for engine in engines.values()), "ATRIUM_RUN_LEASE": "3"}
        with Product(disk / "home", settings).running() as product:
            yield Housed(Court(product, product.owner_token(), engines), disk)


def fill(disk: Path) -> Path:
    """Takes all the room that is left."""
    filler = disk / "filler"
    for size in (1 << 16, 64):
        with suppress(OSError), filler.open("ab", buffering=0) as out:
            while True:
                out.write(bytes(size))
    return filler


def full(housed: Housed) -> float:
    filler = fill(housed.disk)
    began = time.monotonic()
    time.sleep(LASTS_SECONDS)
    filler.unlink()
    return time.monotonic() - began


def full_and_killed(housed: Housed) -> float:
    """The part of the product that notices most is started anew while there is no room."""
    pids = [housed.court.product.pid(name) for name in ("web", "turns", "postgres")]
    filler = fill(housed.disk)
    began = time.monotonic()
    for pid in pids:
        os.kill(pid, 9)
    time.sleep(LASTS_SECONDS)
    filler.unlink()
    return time.monotonic() - began


def read_only(housed: Housed) -> float:
    """For whoever opens a file from now on; the disk itself cannot be made so while somebody writes to it."""
    place = str(housed.disk)
    mount("--bind", place, place)
    mount("-o", "remount,ro,bind", place)
    began = time.monotonic()
    time.sleep(LASTS_SECONDS)
    subprocess.run(["umount", "--lazy", place], check=True)
    return time.monotonic() - began


FAULTS: dict[str, Callable[[Housed], float]] = {f.__name__: f for f in (full, full_and_killed, read_only)}


@every_round()
async def test_a_disk_that_takes_nothing_for_a_while_loses_no_token(housed: Housed, number: int, say: Say) -> None:
    faults = list(FAULTS)
    drawn("disks").shuffle(faults)
    fault = faults[number % len(faults)]
    at_event = drawn("disk", fault, number).randint(*EVENTS)
    over = await through(housed.court, lambda: FAULTS[fault](housed), at_event)
    say(f"disk {fault} round {number} at event {at_event}: {over:+.1f} s over", seconds_over=round(over, 2))


@pytest.mark.parametrize("fault", ["full", "read_only"])
def test_a_start_on_such_a_disk_says_what_to_do(fault: str) -> None:
    with small_disk() as disk:
        product = Product(disk / "home", {"ENGINE_URL": "http://127.0.0.1:9"})
        product.home.mkdir()
        said = (disk.parent / "said").open("w+", encoding="utf-8")
        if fault == "full":
            fill(disk)
        else:
            mount("-o", "remount,ro", str(disk))
        command = [sys.executable, "manage.py", "up"]
        with said:
            done = subprocess.run(
                command, cwd=ROOT, env=product.environment(), stdout=said, stderr=said, timeout=90, check=False
            )
            said.seek(0)
            text = said.read()

    assert done.returncode == 1
    assert "Traceback" not in text
    assert str(product.home) in text
    assert {"full": "No space left", "read_only": "Read-only file system"}[fault] in text
