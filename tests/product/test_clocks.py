"""The clock of one process jumps by an hour, either way, in the middle of three answers: every answer arrives whole.

libfaketime tells each process its own time, and changes it when its file says another one.
"""

import asyncio
import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from itertools import product as every_pair
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import psutil
import psycopg
import pytest

from tests.fakes.engines import both_kinds
from tests.lanes import Say, not_run
from tests.product.client import Client
from tests.product.conftest import PACED, Court
from tests.product.running import Product, open_folder
from tests.product.test_kills import EVENTS, through
from tests.proof.rounds import drawn, every_round
from workspace.local.postgres import Postgres

pytestmark = pytest.mark.kills

HOUR = 3600
PARTS = ("web", "turns", "worker", "postgres")
JUMPS = (HOUR, -HOUR)
# For how long it keeps the wrong time; longer than a lease of these runs.
LASTS_SECONDS = 6.0
WRAPPER = """#!/usr/bin/env bash
if [ "$2" = run ]; then export {fakes} FAKETIME_TIMESTAMP_FILE={folder}/"$3"; fi
exec -a "$0" {python} "$@"
"""


def fakes() -> dict[str, str]:
    """The environment that puts libfaketime before a process's own clock. What measures spans is left alone."""
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    if not found:
        not_run("clocks are turned with libfaketime, which is not installed here")
    return {"LD_PRELOAD": str(found[0]), "FAKETIME_CACHE_DURATION": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


class Untimely(Postgres):
    """A server whose clock stands in a file of its folder's parent."""

    def _environment(self) -> dict[str, str]:
        return (
            super()._environment() | fakes() | {"FAKETIME_TIMESTAMP_FILE": str(self.folder.parent / "postgres.clock")}
        )


@dataclass(frozen=True, slots=True)
class Clocks:
    """A product whose parts have a clock each, in `folder`."""

    court: Court
    folder: Path

    def turn(self, part: str, seconds: int) -> None:
        """Puts a part's clock so far before or behind the real time."""
        name = "postgres.clock" if part == "postgres" else part
        (self.folder / name).write_text(f"{seconds:+d}\n", encoding="ascii")

    def status(self, token: str) -> int:
        """What the product answers now to who shows this token."""
        url = f"{self.court.product.url}/api/conversations?limit=1"
        try:
            with urlopen(Request(url, headers={"Authorization": f"Bearer {token}"}), timeout=10) as answer:  # noqa: S310
                return int(answer.status)
        except HTTPError as refused:
            return refused.code


def interpreter(folder: Path) -> str:
    """A Python that is this one, with the clocks of `folder` for the parts of the product that it starts."""
    here = Path(sys.prefix)
    (folder / "pyvenv.cfg").write_text((here / "pyvenv.cfg").read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "lib").symlink_to(here / "lib")
    (folder / "bin").mkdir()
    wrapper = folder / "bin" / "python"
    given = " ".join(f"{name}={shlex.quote(value)}" for name, value in fakes().items())
    text = WRAPPER.format(fakes=given, folder=shlex.quote(str(folder)), python=shlex.quote(sys.executable))
    wrapper.write_text(text, encoding="utf-8")
    wrapper.chmod(0o755)
    return str(wrapper)


@pytest.fixture(scope="module")
def clocks() -> Iterator[Clocks]:
    with ExitStack() as opened:
        folder = opened.enter_context(open_folder())
        engines = opened.enter_context(both_kinds(*PACED))
        for part in ("web", "turns", "worker", "engine", "postgres.clock"):
            (folder / part).write_text("+0\n", encoding="ascii")
        database = Untimely(folder / "postgres")
        database.start()
        opened.callback(database.stop)
        settings = {
            "DATABASE_URL": database.url,
            "ENGINE_URL": ",".join(engine.url for engine in engines.values()),
            "ATRIUM_RUN_LEASE": "3",
        }
        started = Product(folder / "home", settings, python=interpreter(folder)).running()
        product = opened.enter_context(started)
        yield Clocks(Court(product, product.owner_token(), engines), folder)


async def test_each_part_has_a_clock_of_its_own(clocks: Clocks) -> None:
    product = clocks.court.product
    for part in ("web", "turns", "worker"):
        assert any("libfaketime" in map.path for map in psutil.Process(product.pid(part)).memory_maps())
    clocks.turn("web", HOUR)
    clocks.turn("postgres", -HOUR)
    async with Client(product.url, clocks.court.token) as client:
        await asyncio.sleep(3)  # a clock is read once a second, and so is a date made
        async with client.session.get(product.url) as answer:
            web = parsedate_to_datetime(answer.headers["Date"]).timestamp()
    with psycopg.connect(product.settings["DATABASE_URL"]) as connection:
        row = connection.execute("select extract(epoch from clock_timestamp())").fetchone()
    clocks.turn("web", 0)
    clocks.turn("postgres", 0)

    assert web - time.time() == pytest.approx(HOUR, abs=30)
    assert row is not None
    assert float(row[0]) - time.time() == pytest.approx(-HOUR, abs=30)


@every_round()
async def test_a_clock_that_jumps_loses_no_token_and_lets_nobody_in_or_out(
    clocks: Clocks, number: int, say: Say
) -> None:
    pairs = list(every_pair(PARTS, JUMPS))
    drawn("clocks").shuffle(pairs)
    part, jump = pairs[number % len(pairs)]
    at_event = drawn("clock", part, jump, number).randint(*EVENTS)

    def jumps() -> float:
        began = time.monotonic()
        clocks.turn(part, jump)
        time.sleep(LASTS_SECONDS / 2)
        try:
            assert clocks.status(clocks.court.token) == HTTPStatus.OK
            assert clocks.status("nobody's") == HTTPStatus.UNAUTHORIZED
            time.sleep(LASTS_SECONDS / 2)
        finally:
            clocks.turn(part, 0)
        return time.monotonic() - began

    over = await through(clocks.court, jumps, at_event)

    async with Client(clocks.court.product.url, clocks.court.token) as client:
        chats = (await client.call("GET", "/api/conversations?limit=3"))["items"]
        assert len(chats) == 3
    assert clocks.court.product.manage("verify_audit")
    say(f"clock of {part} {jump:+d} s round {number}: {over:+.1f} s over", seconds_over=round(over, 2))
