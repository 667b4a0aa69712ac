"""What DATABASE_URL may say, and that nothing of it is passed over in silence."""

import pytest

from workspace.common.environment import EnvironmentValueError
from workspace.config.databases import database


def test_how_the_way_to_the_server_is_protected_reaches_every_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "DATABASE_URL", "postgresql://me:p%40ss@db.example/atrium?sslmode=verify-full&sslrootcert=/ca.pem"
    )

    for kind in ("web", "runner", "sweep", "owner"):
        options = database(kind, "key")["OPTIONS"]
        assert (options["sslmode"], options["sslrootcert"]) == ("verify-full", "/ca.pem")
    assert database("owner", "key")["PASSWORD"] == "p@ss"


@pytest.mark.parametrize("rest", ["?options=-c%20role%3Dpostgres", "?ssl=true", "?sslmode=require&host=elsewhere"])
def test_a_parameter_that_would_be_passed_over_is_refused(monkeypatch: pytest.MonkeyPatch, rest: str) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://db.example/atrium{rest}")

    with pytest.raises(EnvironmentValueError, match="behind the question mark"):
        database("web", "key")


@pytest.mark.parametrize("url", ["mysql://db.example/atrium", "postgresql://db.example", "atrium"])
def test_another_kind_of_address_is_refused(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", url)

    with pytest.raises(EnvironmentValueError):
        database("web", "key")
