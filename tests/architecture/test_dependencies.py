"""The pins belong to `pyproject.toml`, are complete, hold hashes and no address."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture import tree

PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)
SETS = ("base", "local", "dev")


def pins(name: str) -> set[tuple[str, str]]:
    """Name and version of each pin; a package may have one for each Python or platform."""
    found = PIN.findall(tree.text(Path(f"requirements/{name}.txt")))
    return {(canonicalize_name(package), version) for package, version in found}


def wanted(name: str) -> list[Requirement]:
    project = tomllib.loads(tree.text(Path("pyproject.toml")))
    groups = {"base": [], **project["dependency-groups"]}[name]
    entries = [*project["project"]["dependencies"], *groups]
    return [Requirement(entry) for entry in entries if isinstance(entry, str)]


@pytest.mark.parametrize("name", SETS)
def test_what_the_project_wants_is_pinned_within_its_bounds(name: str) -> None:
    pinned = pins(name)

    missing = [
        str(requirement)
        for requirement in wanted(name)
        if not any(
            package == canonicalize_name(requirement.name) and requirement.specifier.contains(version)
            for package, version in pinned
        )
    ]

    assert not missing, "make pins"


def test_every_set_of_pins_contains_the_smaller_one() -> None:
    base, local, dev = (pins(name) for name in SETS)

    assert base <= local <= dev


@pytest.mark.parametrize("name", ["boot", *SETS])
def test_pins_hold_hashes_and_no_address(name: str) -> None:
    text = tree.text(Path(f"requirements/{name}.txt"))

    assert "://" not in text
    assert all("--hash=sha256:" in entry for entry in re.split(r"^(?=\w)", text, flags=re.MULTILINE)[1:])
