from pathlib import Path

import pytest

from workspace.common import environment
from workspace.common.environment import EnvironmentValueError

NAME = "ATRIUM_TESTED"


def test_a_value_may_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("value\n")
    monkeypatch.setenv(f"{NAME}_FILE", str(tmp_path / "secret"))

    assert environment.text(NAME) == "value"


def test_the_value_itself_goes_before_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(f"{NAME}_FILE", str(tmp_path / "absent"))
    monkeypatch.setenv(NAME, "value")

    assert environment.text(NAME) == "value"


def test_a_file_that_cannot_be_read_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(f"{NAME}_FILE", str(tmp_path / "absent"))

    with pytest.raises(EnvironmentValueError, match=f"{NAME}_FILE"):
        environment.text(NAME)


def test_what_is_empty_is_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "")

    assert environment.text(NAME, "default") == "default"
    with pytest.raises(EnvironmentValueError, match=NAME):
        environment.required(NAME)


@pytest.mark.parametrize("value", ["-1", "1.5", "x", "²"])
def test_a_number_is_whole(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv(NAME, value)

    with pytest.raises(EnvironmentValueError, match=NAME) as told:
        environment.number(NAME, 1)
    assert value not in str(told.value).replace(NAME, "")


@pytest.mark.parametrize("value", ["-1", "x", "nan", "inf"])
def test_a_length_of_time_is_finite_and_not_negative(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv(NAME, value)

    with pytest.raises(EnvironmentValueError, match=NAME):
        environment.seconds(NAME, 1)


def test_a_list_has_no_blanks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, " a, ,b ,")

    assert environment.listed(NAME) == ("a", "b")


def test_what_is_decided_does_not_replace_what_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, "given")
    environment.decide(NAME, "decided")

    assert environment.text(NAME) == "given"
