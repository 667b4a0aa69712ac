"""The network between processes is slow, silent or broken for a while: every answer arrives whole all the same."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import product
from urllib.parse import urlsplit

import pytest

from tests.fakes.engines import both_kinds
from tests.lanes import Say
from tests.product.conftest import PACED, Court
from tests.product.proxy import Proxy, proxy_to
from tests.product.running import open_folder, running_product
from tests.product.test_kills import EVENTS, through
from tests.proof.rounds import drawn, every_round
from workspace.local.postgres import Postgres
from workspace.local.valkey import Valkey

pytestmark = pytest.mark.kills

# Longer than a lease of these runs, so that whoever holds a run may lose it meanwhile.
STALL_SECONDS = 8.0
DELAY, DELAY_SECONDS = 0.1, 5.0
REFUSE_SECONDS = 2.0
LEASE_SECONDS = 3


@dataclass(frozen=True, slots=True)
class Torn:
    """A product whose connections to its database, its broker and its engines go through proxies."""

    court: Court
    proxies: dict[str, Proxy]


def through_proxy(url: str, proxy: Proxy) -> str:
    """The same address at the proxy's port."""
    parts = urlsplit(url)
    who, at, _ = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{who}{at}127.0.0.1:{proxy.port}").geturl()


@pytest.fixture(scope="module")
def torn() -> Iterator[Torn]:
    with ExitStack() as opened:
        folder = opened.enter_context(open_folder())
        servers = Postgres(folder / "postgres"), Valkey(folder / "valkey")
        for server in servers:
            server.start()
            opened.callback(server.stop)
        engines = opened.enter_context(both_kinds(*PACED))
        database, broker = (opened.enter_context(proxy_to(server.port)) for server in servers)
        first = opened.enter_context(proxy_to(engines["llamacpp"].port))
        settings = {
            "DATABASE_URL": through_proxy(servers[0].url, database),
            "REDIS_URL": through_proxy(servers[1].url, broker),
            "ENGINE_URL": f"http://127.0.0.1:{first.port},{engines['vllm'].url}",
            "ATRIUM_RUN_LEASE": str(LEASE_SECONDS),
            "ATRIUM_TURNS": "2",
        }
        running = opened.enter_context(running_product(settings))
        proxies = {"postgres": database, "valkey": broker, "llamacpp": first}
        yield Torn(Court(running, running.owner_token(), engines), proxies)


def delays(proxy: Proxy) -> float:
    proxy.delay(DELAY)
    time.sleep(DELAY_SECONDS)
    proxy.delay(0)
    return DELAY_SECONDS


def stalls(proxy: Proxy) -> float:
    proxy.stall()
    time.sleep(STALL_SECONDS)
    proxy.resume()
    return STALL_SECONDS


def stalls_and_breaks(proxy: Proxy) -> float:
    """What was kept is lost: the connections are gone when the network is back."""
    proxy.stall()
    time.sleep(STALL_SECONDS)
    proxy.reset(refusing=False)
    proxy.resume()
    return STALL_SECONDS


def resets(proxy: Proxy) -> float:
    proxy.reset(refusing=True)
    time.sleep(REFUSE_SECONDS)
    proxy.accept()
    return REFUSE_SECONDS


FAULTS = {fault.__name__: fault for fault in (delays, stalls, stalls_and_breaks, resets)}


@every_round()
async def test_a_bad_network_loses_no_token(torn: Torn, number: int, say: Say) -> None:
    pairs = list(product(sorted(torn.proxies), FAULTS))
    drawn("network").shuffle(pairs)
    place, fault = pairs[number % len(pairs)]
    at_event = drawn("network", place, fault, number).randint(*EVENTS)
    over = await through(torn.court, lambda: FAULTS[fault](torn.proxies[place]), at_event)
    say(f"{place} {fault} round {number} at event {at_event}: {over:+.1f} s over", seconds_over=round(over, 2))
