"""How a model file is served is decided by the file and the machine alone."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference import machine
from inference.conf import NANO
from inference.gguf import Attention, ModelFile, read_model_file
from inference.machine import Machine, ModelTooLarge, fitted, memory_needed

GB = 10**9
# As the published files of the two models say.
SMALL = ModelFile("gpt-oss-20b", 12_110 * 10**6, 131_072, Attention(24, 8, 64, 128), (), ())
LARGE = ModelFile("gpt-oss-120b", 63_400 * 10**6, 131_072, Attention(36, 8, 64, 128), (), ())


def laptop(memory: int, free: int | None = None, cores: int = 8) -> Machine:
    return Machine(cores, memory * GB, (memory if free is None else free) * GB)


def test_the_test_model_takes_one_core_and_its_whole_context_for_four() -> None:
    fit = fitted(read_model_file(NANO), laptop(2))

    assert (fit.threads, fit.context_length, fit.slots, fit.is_tight) == (1, 4096, 4, False)
    assert fit.needed < GB // 5


def test_a_real_model_leaves_one_core_to_the_rest() -> None:
    assert fitted(SMALL, laptop(64, cores=8)).threads == 7
    assert fitted(SMALL, laptop(64, cores=1)).threads == 1


def test_more_memory_means_a_longer_context_for_more_people() -> None:
    held = [(fit.context_length, fit.slots) for fit in (fitted(SMALL, laptop(size)) for size in (14, 16, 24, 64))]

    assert held == sorted(held)
    assert held[-1] == (32_768, 4)
    assert held[0][1] < 4


def test_a_model_that_only_fits_when_other_programs_end_is_served_and_called_tight() -> None:
    crowded = fitted(SMALL, laptop(32, free=4))

    assert crowded.is_tight
    assert crowded.context_length == 8192
    assert not fitted(SMALL, laptop(32)).is_tight


def test_a_model_that_does_not_fit_is_refused_with_both_numbers() -> None:
    with pytest.raises(ModelTooLarge, match=r"about 6\d\.\d GB of memory, and this machine has 16\.0 GB"):
        fitted(LARGE, laptop(16))


@given(st.integers(1, 256), st.integers(0, 256), st.sampled_from([SMALL, LARGE]))
def test_what_is_chosen_fits(memory: int, free: int, file: ModelFile) -> None:
    seen = laptop(memory, min(memory, free))
    try:
        fit = fitted(file, seen)
    except ModelTooLarge:
        assert memory_needed(file, 4096, 1) > seen.memory * 0.75 - 1.5 * GB
        return

    assert fit.needed <= seen.memory
    assert fit.is_tight == (fit.needed > seen.free)
    assert fit.needed == memory_needed(file, fit.context_length * fit.slots, fit.slots)


def test_this_machine_is_seen() -> None:
    here = Machine.here()

    assert here.cores >= 1
    assert 0 < here.free <= here.memory


def test_the_limits_of_a_container_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "memory.max").write_text(f"{GB}\n")
    (tmp_path / "memory.current").write_text(f"{GB // 4}\n")
    (tmp_path / "cpu.max").write_text("100000 100000\n")
    monkeypatch.setattr(machine, "_LIMITS", tmp_path)

    here = Machine.here()

    assert (here.cores, here.memory) == (1, GB)
    assert here.free <= GB - GB // 4
