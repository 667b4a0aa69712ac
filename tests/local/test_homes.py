import hashlib
import os
from pathlib import Path

import pytest

from workspace.local.errors import AlreadyRunning, ForeignHome
from workspace.local.homes import CHECKOUT, Home


def test_is_the_folder_that_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATRIUM_HOME", "/srv/atrium")

    assert Home.chosen().root == Path("/srv/atrium")


def test_of_an_ordinary_user_is_in_the_checkout_and_of_root_is_named_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ATRIUM_HOME", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 1_000)
    assert Home.chosen().root == CHECKOUT / ".atrium"

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    mark = hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:8]
    assert Home.chosen().root == Path(f"/var/lib/atrium/{CHECKOUT.name}-{mark}")


def test_one_process_at_a_time_has_it(folder: Path) -> None:
    home = Home(folder / "home")
    assert home.supervisor() is None
    home.make()

    lock = home.lock()
    with pytest.raises(AlreadyRunning, match=r"manage\.py down"):
        home.lock()
    assert home.supervisor() == os.getpid()
    os.close(lock)

    assert home.supervisor() is None
    os.close(home.lock())


def test_what_is_written_is_read_back_and_closed_to_others(folder: Path) -> None:
    home = Home(folder / "home")
    home.make()
    assert home.read("some.json") is None

    home.write("some.json", {"a": 1})
    home.write("some.json", {"a": 2})

    assert home.read("some.json") == {"a": 2}
    assert (home.run / "some.json").stat().st_mode & 0o777 == 0o600
    assert {path.name for path in home.run.iterdir()} == {"some.json"}


def test_folders_with_secrets_are_closed_to_others(folder: Path) -> None:
    home = Home(folder / "home")

    home.make()

    assert {path.stat().st_mode & 0o777 for path in (home.secrets, home.logs, home.run)} == {0o700}


@pytest.mark.usefixtures("as_root")
def test_a_home_of_somebody_else_is_named_with_its_owner(folder: Path) -> None:
    home = Home(folder / "home")
    home.make()
    os.close(home.lock())
    os.chown(home.root, 12345, 12345)

    os.seteuid(65534)
    try:
        with pytest.raises(ForeignHome, match="belongs to user 12345"):
            home.supervisor()
        with pytest.raises(ForeignHome, match="belongs to user 12345"):
            home.make()
    finally:
        os.seteuid(0)


def test_a_home_that_cannot_be_made_is_said(folder: Path) -> None:
    (folder / "file").touch()

    with pytest.raises(ForeignHome, match="Choose another ATRIUM_HOME"):
        Home(folder / "file" / "home").make()
