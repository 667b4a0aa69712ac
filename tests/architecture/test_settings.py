"""Every setting that the product reads is documented, and every documented one is read."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture import tree

READERS = {f"environment.{reader}" for reader in ("text", "required", "number", "seconds", "listed")}
ROW = re.compile(r"^\|\s*`([A-Z][A-Z0-9_]+)`", re.MULTILINE)


def reads(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(tree.parsed(path)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in READERS:
            yield node


def settings_read() -> set[str]:
    return {
        ast.literal_eval(call.args[0])
        for path in tree.python_files("manage.py", *tree.PRODUCT)
        for call in reads(path)
        if call.args and isinstance(call.args[0], ast.Constant)
    }


def test_every_setting_is_named_where_it_is_read() -> None:
    hidden = [
        f"{path}:{call.lineno}"
        for path in tree.python_files("manage.py", *tree.PRODUCT)
        for call in reads(path)
        if not call.args or not isinstance(call.args[0], ast.Constant)
    ]

    assert not hidden, "a setting whose name is computed cannot be found by anyone"


def test_every_setting_is_documented_and_every_documented_one_is_read() -> None:
    pages = [path for path in tree.files() if path.parts[0] == "docs" and path.suffix == ".md"]
    documented = {name for page in pages for name in ROW.findall(tree.text(page))}

    assert settings_read() - documented == set(), "a row `| `NAME` |` in docs/settings.md says what it does"
    assert documented - settings_read() == set(), "nothing reads it"


def test_the_environment_is_read_in_one_file() -> None:
    offenders = [
        str(path)
        for path in tree.python_files("manage.py", *tree.PRODUCT)
        if re.search(r"os\.(environ|getenv)", tree.text(path)) and path.name != "environment.py"
    ]

    assert not offenders
