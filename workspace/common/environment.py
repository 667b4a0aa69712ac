"""The one place that reads the process's environment. Needs no Django, so that the supervisor can use it too.

Every setting may be given as `NAME_FILE` instead: the path of a file that holds the value.
"""

import os
from pathlib import Path


class EnvironmentValueError(ValueError):
    """A setting has a value that cannot be used. The message names the setting and what it takes, never the value."""


def text(name: str, default: str = "") -> str:
    """The value of a setting, or the default where it is absent or empty.

    Raises:
        EnvironmentValueError: `NAME_FILE` names a file that cannot be read.
    """
    if value := os.environ.get(name, ""):
        return value
    path = os.environ.get(f"{name}_FILE", "")
    if not path:
        return default
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise EnvironmentValueError(f"{name}_FILE names a file that cannot be read ({error.strerror})") from None


def required(name: str) -> str:
    """The value of a setting that has no default.

    Raises:
        EnvironmentValueError: it is absent.
    """
    value = text(name)
    if not value:
        raise EnvironmentValueError(f"{name} (or {name}_FILE) must be set")
    return value


def number(name: str, default: int) -> int:
    """A whole number.

    Raises:
        EnvironmentValueError: the value is not a whole number of zero or more.
    """
    value = text(name)
    if not value:
        return default
    if not value.isdecimal():
        raise EnvironmentValueError(f"{name} takes a whole number of zero or more")
    return int(value)


def seconds(name: str, default: float) -> float:
    """A length of time in seconds; fractions are allowed.

    Raises:
        EnvironmentValueError: the value is not a number of zero or more.
    """
    value = text(name)
    if not value:
        return default
    try:
        length = float(value)
    except ValueError:
        length = -1.0
    if not 0 <= length < float("inf"):
        raise EnvironmentValueError(f"{name} takes a number of seconds of zero or more")
    return length


def listed(name: str) -> tuple[str, ...]:
    """The items of a comma-separated setting, without blanks."""
    return tuple(item for item in (part.strip() for part in text(name).split(",")) if item)


def decide(name: str, value: str) -> None:
    """Sets what a command line decides for its own process, before anything reads it; a value that is there stays."""
    os.environ.setdefault(name, value)


def is_given(name: str) -> bool:
    """Whether somebody has set it, as itself or as `NAME_FILE`."""
    return bool(os.environ.get(name) or os.environ.get(f"{name}_FILE"))


def inherited() -> dict[str, str]:
    """All of it, to hand down to a child process."""
    return dict(os.environ)
