"""Whether a start has to migrate: one question to the database, because loading Django to hear "no" takes a second."""

from dataclasses import dataclass

import psycopg

from workspace.common import roles, schema

_SECONDS = 5


@dataclass(frozen=True)
class Schema:
    """The schema behind `url`, seen by the web's own role."""

    url: str
    secret_key: str
    atrium_key: str

    def is_current(self) -> bool:
        """Whether this very code was the last that migrated it, under this SECRET_KEY and this ATRIUM_KEY.

        To get in as the web's role shows that the roles are there and their passwords are this key's.
        """
        password = roles.password(roles.WEB, self.secret_key)
        try:
            with psycopg.connect(self.url, user=roles.WEB, password=password, connect_timeout=_SECONDS) as connection:
                found = connection.execute(schema.FIND).fetchone()
                wrapped_by = connection.execute(schema.KEY_FIND).fetchone()
        except psycopg.Error:
            return False
        return (found, wrapped_by) == ((schema.mark(),), (schema.key_mark(self.atrium_key),))
