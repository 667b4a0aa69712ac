"""What the supervisor and its commands ask the running product's database, as the web's own role."""

from dataclasses import dataclass
from typing import Any

import psycopg

from inference.contracts import GONE_AFTER
from inference.remedies import Remedy, remedy_of
from workspace.common import roles

_SECONDS = 5
_ENGINES = """
    select name, kind, model, is_test_model, state, problem from inference_enginereport
    where seen_at > now() - make_interval(secs => %s) order by name
"""


@dataclass(frozen=True)
class SeenEngine:
    """An engine as `turns` reports it. `state`: ready, starting, away, unusable."""

    name: str
    kind: str
    model: str
    is_test_model: bool
    state: str
    problem: str

    @property
    def remedy(self) -> Remedy:
        return remedy_of(self.problem)


@dataclass(frozen=True)
class Product:
    """The product behind the database at `url`."""

    url: str
    secret_key: str

    def has_owner(self) -> bool | None:
        """None when it cannot be asked."""
        found = self._asked("select lookup.has_owner()")
        return bool(found[0][0]) if found else None

    def engines(self) -> list[SeenEngine]:
        """What `turns` sees; empty when it sees none, or cannot be asked."""
        return [SeenEngine(*row) for row in self._asked(_ENGINES, GONE_AFTER)]

    def _asked(self, question: str, *arguments: object) -> list[tuple[Any, ...]]:
        password = roles.password(roles.WEB, self.secret_key)
        try:
            with psycopg.connect(self.url, user=roles.WEB, password=password, connect_timeout=_SECONDS) as connection:
                return connection.execute(question.encode(), arguments).fetchall()
        except psycopg.Error:
            return []
