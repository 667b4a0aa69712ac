"""The files, apps and models of the product, as the architecture tests read them."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.apps import AppConfig
    from django.db import models

ROOT = Path(__file__).parent.parent.parent
PRODUCT = ("workspace", "compliance", "inference")
# From the ground up. `config` and `local` stand beside each other on top.
ROOMS = ("common", "accounts", "compliance", "inference", "runs", "chat", "web", "config", "local")
WRITTEN = {".py", ".md", ".toml", ".html", ".css", ".js", ".txt", ".sql", ".yaml", ".yml", ""}  # what people write


@cache
def files() -> list[Path]:
    """Every file that belongs to the product, relative to the root: what git tracks, or would."""
    # Whoever runs the tests need not be who made the checkout.
    command = ["git", "-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return sorted(path for line in listed.stdout.splitlines() if (ROOT / (path := Path(line))).is_file())


def python_files(*tops: str) -> list[Path]:
    """Python files; with arguments only those below the named top folders."""
    return [path for path in files() if path.suffix == ".py" and (not tops or path.parts[0] in tops)]


def written_files() -> list[Path]:
    """What people write and read; a licence and recorded data are neither."""
    left_out = ("LICENSE",)
    return [path for path in files() if path.suffix in WRITTEN and path.name not in left_out]


@cache
def text(path: Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(text(path))


def functions(path: Path) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Every function of a file with its name, a method's with its class's."""

    def inside(node: ast.AST, prefix: str) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
        for child in ast.iter_child_nodes(node):
            named = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            name = f"{prefix}{child.name}" if named else prefix  # type: ignore[attr-defined]
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                yield name, child
            yield from inside(child, f"{name}." if named else prefix)

    return inside(parsed(path), "")


def room(path: Path) -> str:
    """The room that a file of the product belongs to."""
    return path.parts[1] if path.parts[0] == "workspace" else path.parts[0]


def height(name: str) -> int:
    """How far above the ground a room stands; what is not ours (Django, allauth) lies below all of them."""
    return ROOMS.index(name) if name in ROOMS else -1


def apps() -> "list[AppConfig]":
    """The product's Django apps."""
    from django.apps import apps as registry

    return [app for app in registry.get_app_configs() if app.name.split(".")[0] in PRODUCT]


def room_of_app(label: str) -> str:
    """The room of an app by its label; the label itself where the app is not ours."""
    return next((app.name.split(".")[-1] for app in apps() if app.label == label), label)


def tables() -> "list[type[models.Model]]":
    """The product's models that have a table."""
    return [model for app in apps() for model in app.get_models()]


def product_files() -> list[Path]:
    """Everything written that is part of the product itself: no tests, no pages."""
    return [path for path in written_files() if path.parts[0] in (*PRODUCT, "manage.py", "pyproject.toml")]
