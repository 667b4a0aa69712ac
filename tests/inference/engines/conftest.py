"""Calls of an engine without a pool around them."""

from collections.abc import AsyncIterator, Callable

import aiohttp
import pytest

from inference.engines.calls import Address, EngineCall
from tests.inference.conftest import QUICK

CallOf = Callable[[str], EngineCall]


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as session:
        yield session


@pytest.fixture
def call_of(session: aiohttp.ClientSession) -> CallOf:
    """The call of any path at this address."""
    return lambda url: EngineCall(session, Address(url, "k"), "/completion", {"prompt": (1, 2)}, QUICK)
