import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inference.conf import NANO
from inference.gguf import ModelFileError, read_model_file
from inference.token_lists import GgufVocabulary


def test_the_nano_models_list_is_read(nano: GgufVocabulary) -> None:
    assert nano.size == 4719
    assert (read_model_file(NANO).name, read_model_file(NANO).context_length) == ("gpt-oss-nano", 4096)
    assert nano.special("<|return|>") == 4702
    assert nano.piece(nano.special("<|start|>")) == b"<|start|>"


# Asked of llama.cpp itself (`POST /tokenize`) with this model.
@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("What is the deadline of Project South?", (1798, 351, 285, 3665, 314, 2400, 2134, 30)),
        (
            "don't STOP\n\n  12345 x/2 // 3 naïve",
            (
                67,
                261,
                6,
                83,
                319,
                51,
                46,
                47,
                275,
                220,
                220,
                2245,
                1300,
                220,
                87,
                14,
                17,
                508,
                220,
                18,
                684,
                127,
                107,
                592,
            ),
        ),
        ("光Σ", (161, 227, 231, 138, 96)),
    ],
)
def test_text_has_the_ids_that_llama_cpp_gives_it(nano: GgufVocabulary, text: str, ids: tuple[int, ...]) -> None:
    assert nano.encode(text) == ids


def test_a_missing_file_is_said_without_its_path(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError) as raised:
        read_model_file(tmp_path / "secret.gguf")

    assert "secret" not in str(raised.value)


def test_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.gguf"
    path.write_bytes(b"GGML and more")

    with pytest.raises(ModelFileError):
        read_model_file(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.integers(0, 120_000) | st.integers(120_000, NANO.stat().st_size - 1))
def test_a_file_that_was_cut_is_refused(tmp_path: Path, length: int) -> None:
    path = tmp_path / "cut.gguf"
    path.write_bytes(NANO.read_bytes()[:length])

    with pytest.raises(ModelFileError) as raised:
        read_model_file(path)
    assert raised.value.problem == "file_broken"


def pair(name: bytes, kind: int, value: bytes) -> bytes:
    return struct.pack("<Q", len(name)) + name + struct.pack("<I", kind) + value


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(pair(b"a", 9, struct.pack("<IQ", 9, 1) * 5_000), id="arrays in arrays"),
        pytest.param(
            pair(b"tokenizer.ggml.model", 8, struct.pack("<Q", 4) + b"gpt2")
            + pair(b"tokenizer.ggml.pre", 8, struct.pack("<Q", 6) + b"gpt-4o")
            + pair(b"tokenizer.ggml.tokens", 9, struct.pack("<IQI", 4, 1, 7))
            + pair(b"tokenizer.ggml.token_type", 9, struct.pack("<IQI", 4, 1, 1)),
            id="tokens that are numbers",
        ),
    ],
)
def test_a_file_that_was_made_to_break_its_reader_is_refused(tmp_path: Path, broken: bytes) -> None:
    path = tmp_path / "broken.gguf"
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 0, 4 if b"tokenizer" in broken else 1) + broken)

    with pytest.raises(ModelFileError) as raised:
        read_model_file(path)
    assert raised.value.problem == "file_broken"


def test_what_kind_of_wrong_it_is_has_a_code(tmp_path: Path) -> None:
    (tmp_path / "llama.gguf").write_bytes(NANO.read_bytes().replace(b"gpt-oss", b"llama-3"))

    def problem(path: Path) -> str:
        with pytest.raises(ModelFileError) as raised:
            read_model_file(path)
        return raised.value.problem

    assert problem(tmp_path / "none.gguf") == "file_missing"
    assert problem(tmp_path) == "file_unreadable"
    assert problem(tmp_path / "llama.gguf") == "file_foreign"


def test_a_list_without_harmonys_control_tokens_is_refused() -> None:
    with pytest.raises(ModelFileError, match="gpt-oss"):
        GgufVocabulary([b"a", b"<|start|>"], [1, 3])
