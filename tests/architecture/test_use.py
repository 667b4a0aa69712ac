"""Nothing lies about unused: no empty room, no module that nobody names, no function that nobody calls."""

import ast
import re
from collections import Counter
from pathlib import Path

from tests.architecture import tree

# Found by their place or by a convention of Django, not by a name in the code.
FOUND_BY_NAME = {
    "__init__",
    "__main__",
    "api",
    "apps",
    "asgi",
    "celery",
    "models",
    "retention",
    "settings",
    "tasks",
    "urls",
}
FOUND_BY_PLACE = {"migrations", "commands", "templatetags"}
# "file: name" of what only tests call so far, and why it stays.
PROMISED: dict[str, str] = {
    "compliance/actions.py: record_consent": "the training decision reads the ledger; people answer on a page to come",
    "compliance/policies.py: permits": "the fallback asks it; there is none yet",
}


def modules() -> dict[str, Path]:
    return {".".join(path.with_suffix("").parts): path for path in tree.python_files(*tree.PRODUCT)}


def is_named_elsewhere(module: str, path: Path) -> bool:
    """Imported, or named by its dotted path in a setting or a table of processes."""
    parent, _, name = module.rpartition(".")
    imported = re.compile(
        rf"from {re.escape(module)} import|import {re.escape(module)}\b|[\"']{re.escape(module)}\b"
        rf"|from {re.escape(parent)} import [^\n]*\b{name}\b|from {re.escape(parent)} import \([^)]*\b{name}\b"
    )
    return any(other != path and imported.search(tree.text(other)) for other in tree.product_files())


def test_no_room_is_empty() -> None:
    rooms = {Path(*path.parts[:-1]) for path in tree.python_files(*tree.PRODUCT) if path.name == "__init__.py"}
    filled = {folder for path in tree.files() if path.name != "__init__.py" for folder in path.parents}

    assert rooms - filled == set()


def test_every_module_is_named_by_another() -> None:
    unused = [
        module
        for module, path in modules().items()
        if path.stem not in FOUND_BY_NAME
        and not FOUND_BY_PLACE & set(path.parts)
        and not is_named_elsewhere(module, path)
        and not any(place.startswith(f"{path}: ") for place in PROMISED)
    ]

    assert not unused


def declared(path: Path) -> list[str]:
    """Functions and classes of a module; what a decorator registers is found by it."""
    named = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return [node.name for node in tree.parsed(path).body if isinstance(node, named) and not node.decorator_list]


def found_by_a_framework(path: Path, name: str) -> bool:
    return name.endswith(("Config", "Described")) or bool(FOUND_BY_PLACE & set(path.parts))


def test_every_name_is_said_somewhere_else_in_the_product() -> None:
    said = Counter(word for path in tree.product_files() for word in re.findall(r"\w+", tree.text(path)))

    unused = {
        f"{path}: {name}"
        for path in tree.python_files(*tree.PRODUCT)
        for name in declared(path)
        if said[name] < 2 and not found_by_a_framework(path, name)
    }

    assert unused - set(PROMISED) == set()
