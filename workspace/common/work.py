"""The unit of work: one transaction, one workspace. It is the only way to the rows of a tenant.

Everything it sets is local to the transaction, so a pooled connection carries nothing over.
"""

import asyncio
import contextvars
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from django.db import connections, transaction

T = TypeVar("T")

# The target list is evaluated from left to right, so the last item reads under the context that the first one set.
OPEN = (
    "select set_config('app.workspace', %s, true), set_config('app.user', %s, true), "
    "(select authorisation_epoch from accounts_workspace where id = %s)"
)
# The same for whoever a SECURITY DEFINER look-up finds, in one statement with it.
OPEN_FOUND = (
    "select set_config('app.workspace', found.workspace_id::text, true), "
    "set_config('app.user', found.user_id::text, true), "
    "(select authorisation_epoch from accounts_workspace where id = found.workspace_id), "
    "found.workspace_id, found.user_id from {look_up}(%s) found"
)
CLOSE = "select set_config('app.workspace', '', true), set_config('app.user', '', true)"

# As many threads as the connection pool has connections: async code never waits inside the pool for itself.
THREADS = 8


@dataclass(frozen=True, slots=True)
class Context:
    """The open unit: whose rows are visible, for whom, and the workspace's authorisation epoch now.

    `known` holds what was asked in this unit already and is asked again and again (a person's role). Whoever changes
    such a thing takes it out.
    """

    workspace: UUID
    user: UUID | None
    epoch: int
    known: dict[tuple[str, UUID], object] = field(default_factory=dict, compare=False, repr=False)


class WrongTenant(RuntimeError):
    """A unit of one workspace or user was opened inside another's, there is no such workspace, or there is no unit."""


current: contextvars.ContextVar[Context | None] = contextvars.ContextVar("current_unit", default=None)


def here() -> Context:
    """The open unit.

    Raises:
        WrongTenant: there is none.
    """
    context = current.get()
    if context is None:
        raise WrongTenant("no unit of work is open")
    return context


def workspace() -> UUID:
    """The workspace of the open unit; the default of every `workspace_id`."""
    return here().workspace


@contextmanager
def unit(workspace: UUID, user: UUID | None = None) -> Iterator[Context]:
    """Opens a transaction in which the rows of `workspace`, and no others, exist. Inside one of the same it joins.

    Raises:
        WrongTenant: another unit is open, or the workspace does not exist.
    """
    outer = current.get()
    if outer is not None:
        if (outer.workspace, outer.user) != (workspace, user):
            raise WrongTenant("a unit of another workspace or user is open")
        yield outer
        return
    with _transaction(OPEN, [str(workspace), str(user or ""), workspace]) as row:
        if row is None or row[2] is None:
            raise WrongTenant("there is no such workspace")
        with _entered(Context(workspace, user, row[2])) as context:
            yield context


@contextmanager
def unit_found(look_up: str, argument: bytes) -> Iterator[Context | None]:
    """A unit of the workspace and the person that a look-up (`lookup.access_token`) finds; None when it finds nobody.

    Raises:
        WrongTenant: a unit is open.
    """
    if current.get() is not None:
        raise WrongTenant("nobody is looked up inside a unit")
    with _transaction(OPEN_FOUND.format(look_up=look_up), [argument]) as row:
        if row is None:
            yield None
            return
        with _entered(Context(row[3], row[4], row[2])) as context:
            yield context


@contextmanager
def founding(workspace: UUID) -> Iterator[Context]:
    """A unit of a workspace that is not there yet: its first row is written in it.

    Raises:
        WrongTenant: a unit is open, or the workspace exists already.
    """
    if current.get() is not None:
        raise WrongTenant("a workspace is not founded inside a unit")
    with _transaction(OPEN, [str(workspace), "", workspace]) as row:
        if row is None or row[2] is not None:
            raise WrongTenant("there is such a workspace already")
        with _entered(Context(workspace, None, 1)) as context:
            yield context


@contextmanager
def _transaction(opening: str, arguments: list[str | bytes | UUID]) -> Iterator[tuple[Any, ...] | None]:
    """Yields the row of the statement that opens it: in its third place stands the authorisation epoch."""
    try:
        with transaction.atomic(durable=True):
            with connections["default"].cursor() as cursor:
                cursor.execute(opening, arguments)
                row = cursor.fetchone()
            yield row
    finally:
        hand_back()


@contextmanager
def _entered(context: Context) -> Iterator[Context]:
    token = current.set(context)
    try:
        yield context
    finally:
        current.reset(token)


def hand_back() -> None:
    """Returns the thread's connection to the pool. Inside a TestCase's transaction it takes the context off instead."""
    connection = connections["default"]
    if not connection.in_atomic_block:
        connection.close()
    elif not connection.needs_rollback:
        with connection.cursor() as cursor:
            cursor.execute(CLOSE)


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(THREADS, thread_name_prefix="work")


async def work(fn: Callable[[], T], workspace: UUID, user: UUID | None = None) -> T:
    """Runs `fn` in a unit on a small thread pool. The only door from async code to the rows of a tenant."""

    def inside() -> T:
        with unit(workspace, user):
            return fn()

    return await _in_thread(inside)


async def outside(fn: Callable[[], T]) -> T:
    """Runs `fn` without a tenant: for what is asked before the tenant is known (a token, a session)."""

    def inside() -> T:
        try:
            return fn()
        finally:
            hand_back()

    return await _in_thread(inside)


async def _in_thread(inside: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(_threads(), contextvars.copy_context().run, inside)
