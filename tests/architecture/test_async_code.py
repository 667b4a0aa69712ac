"""Async code touches rows only through `common.work`: a query on the event loop stalls every stream of the process."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.architecture import tree

BRIDGES = {"sync_to_async", "async_to_sync", "database_sync_to_async"}
SYNCHRONOUS = {"unit", "atomic", "hand_back"}
ASYNC_ORM = {"aget", "acreate", "asave", "adelete", "aupdate", "afirst", "alast", "acount", "aexists", "aiterator"}
ASYNC_ORM |= {"abulk_create", "abulk_update", "aget_or_create", "aupdate_or_create", "arefresh_from_db", "aaggregate"}


def imported_verbs(module: ast.Module) -> set[str]:
    """Names that a file takes from some room's actions or queries: calling one asks the database."""
    return {
        alias.asname or alias.name
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom) and (node.module or "").endswith((".actions", ".queries"))
        for alias in node.names
    }


def on_the_loop(function: ast.AST) -> Iterator[ast.AST]:
    """What runs on the event loop: not what stands in a function or lambda inside, which `work` may run in a thread."""
    for child in ast.iter_child_nodes(function):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            continue
        yield child
        yield from on_the_loop(child)


def touches_rows(node: ast.AST, verbs: set[str]) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr in {"objects", "_default_manager", "_base_manager"}
    if not isinstance(node, ast.Call):
        return False
    called = ast.unparse(node.func)
    owner, _, name = called.rpartition(".")
    if owner.rpartition(".")[2] in {"queries", "actions"}:
        return True
    return called in verbs or name in (ASYNC_ORM | SYNCHRONOUS | BRIDGES)


def offences(path: Path) -> Iterator[str]:
    verbs = imported_verbs(tree.parsed(path))
    for name, function in tree.functions(path):
        if isinstance(function, ast.AsyncFunctionDef):
            for node in on_the_loop(function):
                if touches_rows(node, verbs):
                    yield f"{path}:{getattr(node, 'lineno', 0)} {name}: {ast.unparse(node)[:80]}"


def test_no_async_function_asks_the_database_itself() -> None:
    assert not [offence for path in tree.python_files(*tree.PRODUCT) for offence in offences(path)]


def test_the_check_finds_what_it_is_for() -> None:
    source = """
from workspace.chat.queries import conversation_for
async def stream():
    yield Message.objects.count()
    yield conversation_for(actor, id)
    yield await work(lambda: conversation_for(actor, id), workspace)
"""
    module = ast.parse(source)
    [function] = [node for node in ast.walk(module) if isinstance(node, ast.AsyncFunctionDef)]

    found = [node for node in on_the_loop(function) if touches_rows(node, imported_verbs(module))]

    assert [ast.unparse(node) for node in found] == ["Message.objects", "conversation_for(actor, id)"]
