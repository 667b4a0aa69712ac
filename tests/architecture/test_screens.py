"""Every page of the product is looked at by a test, and every picture has its line."""

import re
from pathlib import Path

from tests.browser.states import ELSEWHERE, STATES

ROOT = Path(__file__).parents[2]
# What pages stand on, and are none themselves.
FRAMES = {"common/page.html", "common/shell.html", "common/porch.html", "accounts/set_up_step.html"}
EXTENDS = re.compile(r'{% extends "([^"]+)" %}')


def page_templates() -> set[str]:
    """All that stand in a shell or on the porch."""
    found = set()
    for file in ROOT.glob("*/**/templates/**/*.html"):
        extended = EXTENDS.match(file.read_text("utf-8"))
        if ".venv" not in file.parts and extended and extended[1] in FRAMES:
            found.add(str(file).rpartition("/templates/")[2])
    return found - FRAMES


def test_every_page_is_shown_by_a_state_or_says_where_it_is_looked_at() -> None:
    shown = {template for state in STATES for template in state.templates}

    assert page_templates() == shown | set(ELSEWHERE)
    assert not shown & set(ELSEWHERE)


def test_every_state_has_its_line_in_the_page_of_the_screens() -> None:
    lines = (ROOT / "docs" / "screens" / "README.md").read_text("utf-8")
    told = {name.strip() for row in re.findall(r"^\| ([a-z][a-z0-9, -]+) \|", lines, re.M) for name in row.split(",")}

    assert {state.name for state in STATES} <= told


def test_no_picture_is_left_of_a_state_that_is_gone() -> None:
    lines = (ROOT / "docs" / "screens" / "README.md").read_text("utf-8")
    pictures = {file.name.partition(".")[0] for file in (ROOT / "docs" / "screens").glob("*.webp")}

    assert [name for name in sorted(pictures) if not re.search(rf"(?<![\w-]){name}(?![\w-])", lines)] == []
