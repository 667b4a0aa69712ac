from pathlib import Path

import pytest

from inference.remedies import CANNOT_SERVE
from workspace.local.children import Child, Role
from workspace.local.product import SeenEngine
from workspace.local.screen import Screen
from workspace.local.tidings import Tidings, reason_in, tell


class Silent:
    """A part that nobody starts here."""

    port = 0


@pytest.fixture
def child(folder: Path) -> Child:
    return Child(Role("engine", Silent(), 0, is_vital=False), folder / "engine.log", lambda: None)  # type: ignore[arg-type]


def test_a_death_is_told_with_how_it_came_and_where_to_look(child: Child, capsys: pytest.CaptureFixture[str]) -> None:
    Tidings(Screen()).died(child, "killed by SIGKILL")

    assert f"engine ended, and is started again: killed by SIGKILL. See {child.log}" in capsys.readouterr().out


def test_the_engines_own_reason_is_told_and_nothing_else_of_its_log(
    child: Child, capsys: pytest.CaptureFixture[str]
) -> None:
    child.log.write_text(f"a line with somebody's words\n{CANNOT_SERVE}the file is not there\n")

    Tidings(Screen()).died(child, "exit status 1")

    said = capsys.readouterr().out
    assert said.strip().endswith("engine ended, and is started again: the file is not there")
    assert "words" not in said

    child.log.write_text("a line with somebody's words")
    assert reason_in(child.log) == ""


@pytest.mark.parametrize(
    "after, reason", [("0.00.003.034 E srv          init: exiting\n", "the port is taken"), ('{"level": "INFO"}\n', "")]
)
def test_llama_cpp_may_have_the_last_word_but_a_later_start_is_another_story(
    child: Child, after: str, reason: str
) -> None:
    child.log.write_text(f"{CANNOT_SERVE}the port is taken\n{after}")

    assert reason_in(child.log) == reason


def test_the_same_death_again_is_no_news_but_another_is(child: Child, capsys: pytest.CaptureFixture[str]) -> None:
    tidings = Tidings(Screen())
    for how in ("exit status 1", "exit status 1", "killed by SIGKILL"):
        tidings.died(child, how)

    assert capsys.readouterr().out.count("engine ended") == 2


def test_that_it_runs_again_is_told_once(child: Child, capsys: pytest.CaptureFixture[str]) -> None:
    tidings = Tidings(Screen())
    tidings.died(child, "exit status 1")
    child.state = "running"
    tidings.changed([child])
    tidings.changed([child])

    assert capsys.readouterr().out.count("engine runs again") == 1


def test_each_engine_is_told_with_its_model_or_with_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    tell(
        [
            SeenEngine("engine-1", "vllm", "gpt-oss-20b", is_test_model=False, state="ready", problem=""),
            SeenEngine("engine-2", "llamacpp", "nano", is_test_model=True, state="ready", problem=""),
            SeenEngine("engine-3", "llamacpp", "nano", is_test_model=True, state="ready", problem=""),
            SeenEngine("engine-4", "", "", is_test_model=False, state="unusable", problem="wrong_key"),
        ],
        Screen(),
    )

    real, test, other, locked, plug_in = capsys.readouterr().out.splitlines()
    assert "gpt-oss-20b (vllm)" in real
    assert "test model" in test
    assert "test model" in other
    assert "ENGINE_KEY" in locked
    assert "GGUF=" in plug_in
