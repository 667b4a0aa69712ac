"""The database roles, and the SQL that makes them. Needs no Django, so that the supervisor and the test bed can use it.

| role | log-in | who |
|---|---|---|
| atrium_owner | no | owns the schema; `migrate` becomes it with SET ROLE |
| atrium_web | yes | web, and what a worker does inside one workspace |
| atrium_runner | yes | turns: beyond one workspace it may claim runs and write the journal, nothing else |
| atrium_sweep | yes | what the clock is due to do, over all workspaces |
| atrium_lookup | no | owns the SECURITY DEFINER look-ups; sees what a policy names for it |
| atrium_backup | no | bypasses row level security; a person grants it to whoever runs pg_dump; no process uses it |
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

OWNER: Final = "atrium_owner"
WEB: Final = "atrium_web"
RUNNER: Final = "atrium_runner"
SWEEP: Final = "atrium_sweep"
LOOKUP: Final = "atrium_lookup"
BACKUP: Final = "atrium_backup"

LOGINS: Final = (WEB, RUNNER, SWEEP)

# What DATABASE_URL may say behind a question mark: how the way to the server is protected, in libpq's words.
PROTECTION: Final = frozenset({"sslmode", "sslrootcert", "sslcert", "sslkey"})

# How a peer that is gone without a word is noticed within ten seconds, in libpq's words.
DEAD_PEER: Final = {
    "keepalives_idle": "4",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    # What was sent and is not acknowledged: keepalives are only sent while there is none of it.
    "tcp_user_timeout": "10000",
}


def password(role: str, secret_key: str) -> str:
    """The password of a role that logs in. Every machine that has the SECRET_KEY derives it; none is handed round."""
    return hmac.new(secret_key.encode(), f"atrium database role {role}".encode(), hashlib.sha256).hexdigest()


def protection(options: Mapping[str, Any]) -> dict[str, str]:
    """Of the options of a connection, those that protect the way to the server."""
    return {name: value for name, value in options.items() if name in PROTECTION}


@dataclass(frozen=True, slots=True)
class ClusterStatement:
    """One statement of the set-up. `secret` says that the statement holds a password and must not be shown."""

    sql: str
    secret: bool = False


def _made_once(role: str, options: str) -> ClusterStatement:
    absent = f"not exists (select from pg_roles where rolname = '{role}')"
    return ClusterStatement(f"do $$ begin if {absent} then create role {role} {options}; end if; end $$")


def cluster_statements(database: str, secret_key: str, *, superuser: bool) -> list[ClusterStatement]:
    """What a cluster needs once, in order; running it again changes nothing but the passwords.

    `database` is the product's database. Only a superuser may make the backup role, and is not in need of membership in
    the owner role to become it.
    """
    statements = [_made_once(OWNER, "nologin"), _made_once(LOOKUP, "nologin")]
    statements += [_made_once(role, "login") for role in LOGINS]
    statements += [
        ClusterStatement(f"alter role {role} password '{password(role, secret_key)}'", secret=True) for role in LOGINS
    ]
    if superuser:
        statements.append(_made_once(BACKUP, "nologin bypassrls"))
    else:
        statements.append(ClusterStatement(f"grant {OWNER} to current_user with inherit false, set true"))
        statements.append(ClusterStatement(f'grant connect on database "{database}" to current_user'))
    statements += [
        ClusterStatement(f"grant {LOOKUP} to {OWNER} with inherit false, set true"),
        # A forgotten transaction must not hold a lock for ever, and no page may keep a query for longer than that.
        ClusterStatement(f"alter role {WEB} set idle_in_transaction_session_timeout = '10s'"),
        ClusterStatement(f"alter role {WEB} set statement_timeout = '30s'"),
        # It asks the same few statements all day; with a partition named in them, PostgreSQL would plan each anew.
        ClusterStatement(f"alter role {RUNNER} set plan_cache_mode = 'force_generic_plan'"),
        ClusterStatement(f'revoke connect, temporary on database "{database}" from public'),
        ClusterStatement(f'grant connect on database "{database}" to {", ".join((OWNER, *LOGINS))}'),
        ClusterStatement(f'grant create on database "{database}" to {OWNER}'),
        ClusterStatement(f"grant usage, create on schema public to {OWNER}"),
        ClusterStatement(f"grant usage on schema public to {', '.join((LOOKUP, *LOGINS))}"),
    ]
    return statements
