"""Budgets and names of files. Ruff guards complexity and parameters."""

import ast
import re
from pathlib import Path

from tests.architecture import tree

FORBIDDEN_MODULES = {"common.py", "helpers.py", "manager.py", "managers.py", "misc.py", "service.py", "services.py"}
FORBIDDEN_MODULES |= {"signals.py", "util.py", "utils.py"}
FORBIDDEN_CLASS_ENDINGS = ("Manager", "Service", "Helper", "Utils")


def test_every_file_stays_within_its_lines() -> None:
    lines = {path: len(tree.text(path).splitlines()) for path in tree.python_files()}

    too_long = {str(path): count for path, count in lines.items() if count > (400 if path.parts[0] == "tests" else 300)}

    assert not too_long, "a noun is missing: find it, do not split the file"


def test_every_function_stays_within_forty_lines() -> None:
    too_long = {
        f"{path}:{node.lineno} {node.name}": lines
        for path in tree.python_files()
        for node in ast.walk(tree.parsed(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := (node.end_lineno or 0) - node.lineno + 1) > 40
    }

    assert not too_long, "a noun is missing: find it, do not split the function"


def test_no_module_is_a_catch_all() -> None:
    assert not [str(path) for path in tree.python_files() if path.name in FORBIDDEN_MODULES]


def extends_a_manager_of_django(node: ast.ClassDef) -> bool:
    return any("Manager" in ast.unparse(base) for base in node.bases)


def test_no_class_is_a_manager_or_a_service() -> None:
    found = [
        f"{path}:{node.lineno} {node.name}"
        for path in tree.python_files("workspace", "compliance", "inference")
        for node in ast.walk(tree.parsed(path))
        if isinstance(node, ast.ClassDef)
        and node.name.endswith(FORBIDDEN_CLASS_ENDINGS)
        and not extends_a_manager_of_django(node)
    ]

    assert not found


def test_tests_are_functions() -> None:
    found = [
        f"{path}:{node.lineno} {node.name}"
        for path in tree.python_files("tests")
        for node in ast.walk(tree.parsed(path))
        if isinstance(node, ast.ClassDef) and node.name.startswith("Test")
    ]

    assert not found


def test_every_process_finds_the_same_tests() -> None:
    """Workers compare their lists of tests, so a parameter may not be drawn anew in each."""
    drawn = re.compile(r"uuid[14]$|\brandom\b|\bsecrets\b|\bnow$|\btime$")

    found = [
        f"{path}:{call.lineno}"
        for path in tree.python_files("tests")
        for node in ast.walk(tree.parsed(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("mark.parametrize")
        for call in ast.walk(node)
        if isinstance(call, ast.Call) and drawn.search(ast.unparse(call.func))
    ]

    assert not found


def test_nothing_is_left_to_be_done() -> None:
    words = ("TO" + "DO", "FIX" + "ME", "X" * 3)

    found = [
        str(path) for path in tree.files() if path.suffix in tree.WRITTEN and any(w in tree.text(path) for w in words)
    ]

    assert not found


def test_no_file_names_a_package_index_or_a_folder_of_some_machine() -> None:
    private = re.compile(r"pypi\.org|files\.pythonhosted|index-url|/(?:home|root|Users|work)/\w")
    here = Path(__file__).relative_to(tree.ROOT)

    found = [str(path) for path in tree.written_files() if path != here and private.search(tree.text(path))]

    assert not found
