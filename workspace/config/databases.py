"""How a process connects: as its own role, to the database that DATABASE_URL names."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from workspace.common import environment, roles
from workspace.common.work import THREADS

LOGIN_OF = {"web": roles.WEB, "runner": roles.RUNNER, "sweep": roles.SWEEP}
OWNS = {"options": f"-c role={roles.OWNER}", "connect_timeout": 10}


def database(kind: str, secret_key: str) -> dict[str, Any]:
    """Django's settings of one connection. `kind`: web, runner, sweep, or owner (the URL's own user, as atrium_owner).

    Raises:
        EnvironmentValueError: DATABASE_URL is missing or not a PostgreSQL address.
    """
    url = urlsplit(environment.required("DATABASE_URL"))
    if url.scheme not in {"postgresql", "postgres"} or not url.path.strip("/"):
        raise environment.EnvironmentValueError("DATABASE_URL takes postgresql://user:password@host:port/name")
    protection = dict(parse_qsl(url.query, keep_blank_values=True))
    if unknown := set(protection) - roles.PROTECTION:
        raise environment.EnvironmentValueError(
            f"DATABASE_URL takes {', '.join(sorted(roles.PROTECTION))} behind the question mark, "
            f"not {', '.join(sorted(unknown))}"
        )
    settings: dict[str, Any] = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(url.path.lstrip("/")),
        "HOST": unquote(url.hostname or "127.0.0.1"),
        "PORT": str(url.port or 5432),
        # Server-side cursors and a pooler's transaction mode do not mix.
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "CONN_HEALTH_CHECKS": True,
    }
    if kind == "owner":
        credentials = {"USER": unquote(url.username or ""), "PASSWORD": unquote(url.password or "")}
        return settings | credentials | {"OPTIONS": OWNS | protection}
    role = LOGIN_OF[kind]
    pool = {"min_size": 1, "max_size": THREADS, "timeout": 10}
    # Parameters apart from the statement, so that PostgreSQL plans a statement once a connection and not each time:
    # a third less of its processor time for a turn.
    prepared = {"server_side_binding": True, "prepare_threshold": 3}
    return settings | {
        "USER": role,
        "PASSWORD": roles.password(role, secret_key),
        "OPTIONS": {"pool": pool, "connect_timeout": 5, **roles.DEAD_PEER, **prepared, **protection},
    }
