"""What axe-core finds wrong with a page for people who see, hear or move otherwise."""

from functools import cache
from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

# WCAG 2.0 to 2.2, A and AA, and what axe calls good practice.
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
RUN = "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})"


@cache
def source() -> str:
    """axe-core itself, from the package that brings it."""
    return files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


def violations(page: Page) -> list[str]:
    """One line a rule that the page breaks, with the elements that break it. The page's own policy stays in force:
    the browser's debugger evaluates, not the page.
    """
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(source())
    found: list[dict[str, Any]] = page.evaluate(RUN, list(TAGS))["violations"]
    return [f"{rule['id']}: {rule['help']}: {_elements(rule)}" for rule in found]


def _elements(rule: dict[str, Any]) -> str:
    return " | ".join(f"{' '.join(map(str, node['target']))} {node['html'][:120]}" for node in rule["nodes"][:5])
