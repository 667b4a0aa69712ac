"""What the tests of this room stand on: somebody who talks, and a runner who answers."""

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests import bed

if TYPE_CHECKING:
    from tests.cast import Person
    from tests.chat.talk import Browser
    from tests.fakes.engines import EngineProcess


@pytest.fixture
def browser(alice: "Person") -> "Browser":
    """Alice's program."""
    from tests.chat.talk import Browser

    return Browser(alice)


@pytest.fixture(scope="module")
def turns(django_db_setup: None, worker_id: str, engine: "EngineProcess") -> Iterator[None]:
    """The process `turns` beside this one; the module says by which `engine`."""
    environment = os.environ | {"DATABASE_URL": bed.url_of(f"test_{worker_id}"), "ENGINE_URL": engine.url}
    environment.pop("ATRIUM_ROLE")
    process = subprocess.Popen([sys.executable, "manage.py", "run", "turns"], cwd=bed.ROOT, env=environment)
    yield
    process.terminate()
    assert process.wait(timeout=20) == 0


@pytest.fixture
def talker(transactional_db: None, alice: "Person", turns: None) -> "Browser":
    """Alice, who is answered."""
    from tests.chat.talk import Browser

    return Browser(alice)
