"""How a model file is served on this machine: threads, and how long a context for how many answers at once.

The engine's own process decides by it, and the commands of one machine say it to people.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from inference.gguf import Attention, ModelFile

# (tokens of one answer's context, answers at once): the first that fits is taken.
_CHOICES: Final = ((32_768, 4), (16_384, 4), (16_384, 2), (8_192, 2), (8_192, 1), (4_096, 1))
_FRUGAL: Final = _CHOICES[3:]  # what is taken where other programs hold the memory now
_VALUE_BYTES: Final = 2  # llama.cpp keeps keys and values in 16 bits
_SMALL: Final = 100_000_000  # bytes of a file that is a test model's
_LIMITS: Final = Path("/sys/fs/cgroup")


class ModelTooLarge(ValueError):
    """The machine has too little memory for the model. The message says how much of each, in words."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What there is: cores, memory in all and memory that nobody uses now, in bytes. A container's limits count."""

    cores: int
    memory: int
    free: int

    @classmethod
    def here(cls) -> "Machine":
        seen = psutil.virtual_memory()
        memory, free = seen.total, seen.available
        if (limit := _container("memory.max")) and limit < memory:
            memory, free = limit, min(free, limit - _container("memory.current"))
        cores = psutil.cpu_count(logical=False) or os.cpu_count() or 1
        return cls(min(cores, _cores_allowed()), memory, max(free, 0))


@dataclass(frozen=True, slots=True)
class Fit:
    """How the model is served. `context_length` in tokens, of one answer; `batch`: tokens that are computed together;
    `needed` bytes of memory in all. `is_exact`: an answer goes on from any of its tokens to the letter, whatever the
    engine has in its cache and whoever else asks. `is_tight`: other programs hold so much now that the machine would
    read the model from its disk again and again.
    """

    threads: int
    batch: int
    context_length: int
    slots: int
    needed: int
    is_exact: bool
    is_tight: bool

    def words(self) -> str:
        answers = f"{self.slots} answers at once" if self.slots > 1 else "one answer at a time"
        cores = f"{self.threads} cores" if self.threads > 1 else "one core"
        return f"{answers} of {self.context_length:,} tokens, {cores}, about {gigabytes(self.needed)} of memory"


def fitted(file: ModelFile, machine: Machine) -> Fit:
    """The longest context that the model was made for and the free memory holds, for as many answers as possible; a
    modest one where the model only fits when other programs end.

    Raises:
        ModelTooLarge: it would not fit if nothing else ran.
    """
    # The test model is quicker than its callers on one core, and must not crowd out what it serves. One token at a
    # time, for batches of other sizes round otherwise, and which word it takes next hangs on the last digit.
    is_test = file.size < _SMALL
    threads, batch = (1, 1) if is_test else (max(machine.cores - 1, 1), 512)
    needed = 0
    for room, choices in ((machine.free, _CHOICES), (machine.memory - _system(machine), _FRUGAL)):
        for length, slots in choices:
            context = min(length, file.context_length)
            needed = memory_needed(file, context * slots, slots)
            if needed <= room:
                return Fit(threads, batch, context, slots, needed, is_test, is_tight=needed > machine.free)
    raise ModelTooLarge(
        f"the model needs about {gigabytes(needed)} of memory, and this machine has {gigabytes(machine.memory)}"
    )


def memory_needed(file: ModelFile, tokens: int, slots: int) -> int:
    """Bytes for the weights, the keys and values of so many tokens, and what llama.cpp computes in."""
    computing = 64_000_000 if file.size < _SMALL else 700_000_000
    return file.size + _context(file.attention, tokens, slots) + computing


def gigabytes(count: int) -> str:
    return f"{count / 1e9:.1f} GB"


def _context(attention: Attention, tokens: int, slots: int) -> int:
    """Every second layer of gpt-oss sees a window only, of which llama.cpp keeps a batch more than it is long."""
    bytes_of_token = attention.key_value_heads * attention.head_length * 2 * _VALUE_BYTES
    whole = attention.layers // 2
    windows = min(tokens, slots * attention.window + 512)
    return bytes_of_token * (whole * tokens + (attention.layers - whole) * windows)


def _system(machine: Machine) -> int:
    """What the system and the rest of Atrium take at least."""
    return min(1_500_000_000, machine.memory // 4)


def _cores_allowed() -> int:
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, _, period = (_LIMITS / "cpu.max").read_text().partition(" ")
        return max(min(allowed, int(quota) // int(period)), 1)
    except (OSError, ValueError):  # no container, or one without a limit ("max")
        return allowed


def _container(name: str) -> int:
    """A number of the container's, 0 where there is none."""
    try:
        return int((_LIMITS / name).read_text())
    except (OSError, ValueError):
        return 0
