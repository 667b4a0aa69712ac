"""`except Exception` stands only at the edges of a process, each with its reason here."""

import ast
from pathlib import Path

from tests.architecture import tree

EVERYTHING = {"Exception", "BaseException"}
# "file::function": why nothing more exact can be caught there.
PROCESS_EDGES: dict[str, str] = {
    "workspace/common/leases.py::run": "a job's handler is a room's own code; its row says how it went",
    "workspace/common/sweeps.py::_swept": "one room's sweep that fails must not stop the others",
    "workspace/runs/hubs.py::Hub._work": "what all streams of a process live on begins anew; web goes on",
    "workspace/runs/sessions.py::Session._give_up": "a kind of run that fails even at being told is left out",
    "workspace/runs/sessions.py::Session._salvaged": "a journal that cannot be read must not keep a run from ending",
    "workspace/runs/sessions.py::Session._run": "a run's kind is a room's own code; it must not take other runs down",
}


def catches_everything(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(isinstance(name, ast.Name) and name.id in EVERYTHING for name in caught)


def suppresses_everything(call: ast.Call) -> bool:
    return ast.unparse(call.func).endswith("suppress") and any(ast.unparse(name) in EVERYTHING for name in call.args)


def catch_alls(path: Path) -> set[str]:
    """Where a file catches everything; what belongs to a function is also found in the functions around it, so the
    innermost counts."""
    found = {}
    for name, function in tree.functions(path):
        for node in ast.walk(function):
            if isinstance(node, ast.ExceptHandler) and catches_everything(node):
                found[node.lineno] = f"{path}::{name}"
            if isinstance(node, ast.Call) and suppresses_everything(node):
                found[node.lineno] = f"{path}::{name}"
    return set(found.values())


def test_every_catch_all_is_a_listed_process_edge() -> None:
    found = {place for path in tree.python_files(*tree.PRODUCT) for place in catch_alls(path)}

    assert found == set(PROCESS_EDGES)
