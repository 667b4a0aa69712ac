from pathlib import Path

import pytest

from inference.conf import NANO, EngineTimeouts, InferenceConf, LocalEngineConf, model_file
from workspace.common.environment import EnvironmentValueError


def test_without_settings_there_is_no_engine_and_the_defaults_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ENGINE_URL", "ENGINE_KEY", "GGUF", "ENGINE_FIRST_TOKEN_TIMEOUT", "ENGINE_TOKEN_TIMEOUT"):
        monkeypatch.delenv(name, raising=False)

    assert InferenceConf.from_environment() == InferenceConf((), "", NANO, EngineTimeouts(3.0, 120.0, 30.0), 30.0)


def test_every_setting_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENGINE_URL", "http://a:1, http://b:2")
    monkeypatch.setenv("ENGINE_KEY", "k")
    monkeypatch.setenv("ENGINE_TOKEN_TIMEOUT", "0.5")
    monkeypatch.setenv("ENGINE_FIRST_TOKEN_TIMEOUT", "7")
    monkeypatch.setenv("ENGINE_DEADLINE", "3")

    conf = InferenceConf.from_environment()

    assert (conf.urls, conf.key, conf.acquire_deadline) == (("http://a:1", "http://b:2"), "k", 3.0)
    assert (conf.timeouts.first_token, conf.timeouts.between_tokens) == (7.0, 0.5)


def test_the_local_engine_serves_nobody_without_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ENGINE_KEY", raising=False)

    with pytest.raises(EnvironmentValueError, match="ENGINE_KEY"):
        LocalEngineConf.from_environment()


def test_a_model_file_may_lie_in_the_home_of_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GGUF", "~/gpt-oss-20b.gguf")

    assert model_file() == Path.home() / "gpt-oss-20b.gguf"
