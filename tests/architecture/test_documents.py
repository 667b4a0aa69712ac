"""The pages say what is there."""

import re
from pathlib import Path

import pytest

from tests.architecture import tree

LINK = re.compile(r"\]\(([^)#:]+)\)")
FILE = re.compile(r"`((?:workspace|compliance|inference|tests|docs)/[\w./-]+)`")


def pages() -> list[Path]:
    return [path for path in tree.files() if path.suffix == ".md"]


@pytest.mark.parametrize("page", pages(), ids=str)
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = [link for link in LINK.findall(tree.text(page)) if not (tree.ROOT / page.parent / link).exists()]

    assert not broken


@pytest.mark.parametrize("page", pages(), ids=str)
def test_every_file_that_is_named_exists(page: Path) -> None:
    missing = [name for name in FILE.findall(tree.text(page)) if not (tree.ROOT / name).exists()]

    assert not missing


def test_every_decision_says_what_and_why() -> None:
    decisions = [page for page in pages() if page.parent == Path("docs/decisions")]

    assert decisions
    assert not [
        str(page) for page in decisions if not re.search(r"\*\*Decision\.\*\*.*\*\*Why\.\*\*", tree.text(page), re.S)
    ]
