"""The tracked files of the product, as the architecture tests read them."""

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
ROOMS = ("common", "accounts", "compliance", "inference", "runs", "chat", "web")  # from the ground up
WRITTEN = {".py", ".md", ".toml", ".html", ".css", ".js", ".txt", ""}  # what people write


@cache
def files() -> list[Path]:
    """Every file that belongs to the product, relative to the root: what git tracks, or would."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return sorted(path for line in listed.stdout.splitlines() if (ROOT / (path := Path(line))).is_file())


def python_files(*parts: str) -> list[Path]:
    """Python files, or only those below one of the named top folders."""
    return [path for path in files() if path.suffix == ".py" and (not parts or path.parts[0] in parts)]


@cache
def text(path: Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(text(path))


def room(path: Path) -> str:
    """The room that a file of the product belongs to."""
    return path.parts[1] if path.parts[0] == "workspace" else path.parts[0]
