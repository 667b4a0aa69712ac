"""The people of the tests: one cast for all rooms, made by the product's own actions."""

from dataclasses import dataclass, replace
from uuid import UUID

from workspace.accounts import actions, queries, tokens
from workspace.accounts.models import Role, User
from workspace.common.contracts import Actor
from workspace.common.work import current, unit

PASSWORD = "correct horse battery staple"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who has an account and a token that may do everything they may."""

    user: User
    workspace: UUID
    token: str

    @property
    def actor(self) -> Actor:
        """Admitted anew each time: a test may just have taken the right away. Inside a unit, without the look-up."""
        context = current.get()
        if context is None:
            with queries.entered_by_token(self.token) as actor:
                return actor
        return queries.admitted(replace(context, user=self.user.id), self.token)

    @property
    def headers(self) -> dict[str, str]:
        """What a program sends."""
        return {"Authorization": f"Bearer {self.token}"}


def _with_token(user: User, workspace: UUID) -> Person:
    with unit(workspace, user.id):
        return Person(user, workspace, tokens.create_token(user.id, "test"))


def founder(name: str) -> Person:
    """An owner with a workspace of their own."""
    user, workspace = actions.create_owner(f"{name}@example.org", PASSWORD, f"{name}'s workspace", name=name)
    return _with_token(user, workspace)


def colleague(name: str, of: Person, role: Role) -> Person:
    """Somebody in the workspace of another."""
    user = actions.create_user(of.workspace, f"{name}@example.org", PASSWORD, role=role, name=name)
    return _with_token(user, of.workspace)
