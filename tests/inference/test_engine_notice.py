"""What pages say about the engines."""

from datetime import UTC, datetime

import pytest
from django.template.loader import render_to_string

from inference.contracts import EngineState, EngineView


def view(
    state: EngineState = "ready", *, is_test_model: bool = False, what: str = "", name: str = "engine-1"
) -> EngineView:
    return EngineView(name, "llamacpp", "small", is_test_model, state, "", what, "", datetime.now(UTC))


def notice(*engines: EngineView) -> str:
    return render_to_string("inference/components/engine_notice.html", {"engines": list(engines)}).strip()


def test_a_real_model_that_is_ready_needs_no_words() -> None:
    assert notice(view()) == ""
    assert notice(view(), view(is_test_model=True), view("away")) == ""


def test_the_test_model_is_called_one_and_how_to_replace_it_is_said() -> None:
    said = notice(view(is_test_model=True))

    assert "test model" in said
    assert "GGUF=/path/to/gpt-oss-20b.gguf make up" in said
    assert "ENGINE_URL=" in said


@pytest.mark.parametrize("state", ["away", "unusable", "starting"])
def test_why_an_engine_does_not_serve_is_said(state: EngineState) -> None:
    assert "It sleeps." in notice(view(state, what="It sleeps."))


def test_several_engines_that_do_not_serve_are_named() -> None:
    said = notice(view("away", what="It sleeps."), view("unusable", what="It sulks.", name="engine-2"))

    assert "engine-1: It sleeps." in said
    assert "engine-2: It sulks." in said


def test_without_any_engine_the_next_step_is_named() -> None:
    assert "manage.py doctor" in notice()
