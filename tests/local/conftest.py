import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every user may enter: pytest's own is closed to the user that root drops to."""
    path = Path(tempfile.mkdtemp(prefix="atrium-local-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def as_root() -> None:
    """For what only root can arrange: another user, a folder that this user cannot reach."""
    if os.geteuid() != 0:
        pytest.skip("only root can become another user")
