"""What the database itself says about isolation: the catalogue cannot forget a table."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import psycopg
import pytest
from django.apps import apps

from workspace.common import roles
from workspace.common.constraints import TenantIsolation

if TYPE_CHECKING:
    from tests.cast import Person

OURS = ", ".join(f"'{role}'" for role in roles.LOGINS)
TENANT_TABLES = """
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'workspace_id' and not a.attisdropped
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
"""

# The workspace is a tenant too, by its own id.
GUARDED = f"select c.relname {TENANT_TABLES} union select 'accounts_workspace'"

# Whose rows a role sees without a context: all of them. Everything else is empty or denied.
BEYOND: dict[str, set[str]] = {
    roles.WEB: set(),
    roles.RUNNER: {"runs_run", "compliance_auditlink", "compliance_auditwaiting"},
    roles.SWEEP: {"runs_run", "runs_journal", "common_job", "common_idempotencyrecord"}
    | {"chat_conversation", "chat_draft", "accounts_workspace"},
}
WAITING_ENTRIES = (
    "select count(*) from compliance_auditentry where id in (select entry_id from compliance_auditwaiting)"
)

# Columns that must be given a value, and one for each type.
REQUIRED = """
    select a.attname, format_type(a.atttypid, null) from pg_attribute a join pg_class c on c.oid = a.attrelid
    where c.relname = %s and c.relnamespace = 'public'::regnamespace
    and a.attnum > 0 and not a.attisdropped and a.attnotnull and not a.atthasdef and a.attidentity = ''
"""
VALUES = {
    "uuid": "gen_random_uuid()",
    "character varying": "''",
    "text": "''",
    "boolean": "false",
    "smallint": "1",
    "integer": "1",
    "bigint": "1",
    "bytea": "uuid_send(gen_random_uuid())",
    "jsonb": "'{}'",
    "date": "'today'",
    "timestamp with time zone": "now()",
}

# Every grant there is, in words; a column is named with its verb.
ALL = "delete insert select update"
GRANTED: dict[str, dict[str, str]] = {
    roles.WEB: {
        "account_emailaddress": ALL,
        "account_emailconfirmation": ALL,
        "accounts_accesstoken": ALL,
        "accounts_authpolicy": "insert select",
        "accounts_browsersession": ALL,
        "accounts_evidence": "delete insert select",
        "accounts_invitation": ALL,
        "accounts_membership": ALL,
        "accounts_ownerlink": "delete insert select",
        "accounts_user": ALL,
        "accounts_user_groups": ALL,
        "accounts_user_user_permissions": ALL,
        "accounts_workspace": ALL,
        "auth_group": ALL,
        "auth_group_permissions": ALL,
        "auth_permission": ALL,
        "chat_conversation": ALL,
        "chat_draft": ALL,
        "chat_message": ALL,
        "common_datakey": ALL,
        "common_idempotencyrecord": ALL,
        "common_job": ALL,
        "common_workspacekey": ALL,
        "compliance_auditentry": "insert select",
        "compliance_auditlink": "select",
        "compliance_auditwaiting": "select",
        "compliance_consent": "insert select",
        "django_content_type": ALL,
        "django_migrations": "select",
        "django_session": ALL,
        "inference_enginereport": "select",
        "runs_journal": "delete select(day) select(epoch) select(events) select(first_sequence) select(last_sequence)"
        " select(ordinal) select(run) select(workspace_id) select(written_at)",
        "runs_run": ALL,
    },
    roles.RUNNER: {
        "accounts_accesstoken": "select",
        "accounts_authpolicy": "select",
        "accounts_membership": "select",
        "accounts_user": "select(id) select(is_active)",
        "accounts_workspace": "select",
        "chat_conversation": "select update(title)",
        "chat_message": "select update",
        "common_datakey": "select",
        "common_workspacekey": "select",
        "compliance_auditentry": "insert select",
        "compliance_auditlink": "insert select",
        "compliance_auditwaiting": "delete select",
        "compliance_consent": "select",
        "django_migrations": "select",
        "inference_enginereport": ALL,
        "runs_journal": "insert select update(record)",
        "runs_run": "insert select update",
    },
    roles.SWEEP: {
        "accounts_workspace": "select",
        "chat_conversation": "select",
        "chat_draft": "delete select",
        "common_idempotencyrecord": "delete select",
        "common_job": "delete select update",
        "django_migrations": "select",
        "runs_journal": "select(day) select(ordinal) select(run) select(workspace_id) update(record)",
        "runs_run": "select update",
    },
    roles.LOOKUP: {
        "accounts_accesstoken": "select(digest) select(user_id) select(workspace_id)",
        "accounts_invitation": "select(digest) select(workspace_id)",
        "accounts_membership": "select(created_at) select(is_active) select(role) select(user_id) select(workspace_id)",
        "runs_journal": "select(day) select(events) select(first_sequence) select(last_sequence) select(ordinal)"
        " select(run)",
        "runs_run": "select(day) select(ended_at) select(id) select(queued_at) select(state)",
    },
}
# A grantee that is no role is everybody.
GRANTS = """
    select coalesce(r.rolname, 'public'), c.relname, string_agg(g.verb, ' ' order by g.verb collate "C")
    from (select a.grantee, c.oid as relation, lower(a.privilege_type) as verb
            from pg_class c, aclexplode(c.relacl) a where c.relkind <> 'i'
        union select a.grantee, t.attrelid, lower(a.privilege_type) || '(' || t.attname || ')'
            from pg_attribute t, aclexplode(t.attacl) a) g
    join pg_class c on c.oid = g.relation left join pg_roles r on r.oid = g.grantee
    where c.relnamespace = 'public'::regnamespace and g.grantee <> c.relowner group by 1, 2
"""


@pytest.fixture
def catalogue(database_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


def names(catalogue: psycopg.Connection, question: str) -> list[str]:
    return sorted(str(row[0]) for row in catalogue.execute(question.encode()))


def number(catalogue: psycopg.Connection, question: str) -> int:
    row = catalogue.execute(question.encode()).fetchone()
    return int(row[0]) if row else 0


def fill(catalogue: psycopg.Connection) -> None:
    """A row of each of two workspaces in every tenant table, and in every partition by itself."""
    with catalogue.transaction():
        catalogue.execute("set local session_replication_role = replica")  # what a row refers to need not be there
        for table in names(catalogue, f"{GUARDED} except select relname from pg_class where relkind = 'p'"):
            columns: dict[str, str] = dict(catalogue.execute(REQUIRED, [table]).fetchall())
            day = table[-8:] if table.startswith("runs_journal_") else "today"
            values = ", ".join(VALUES[kind].replace("today", day) for kind in columns.values())
            for _ in range(2):
                catalogue.execute(f"insert into {table} ({', '.join(columns)}) values ({values})".encode())


def counted(catalogue: psycopg.Connection, role: str) -> dict[str, int]:
    """How many rows the role sees in each table that it may look at; the superuser where no role is named."""
    seen = {}
    for table in names(catalogue, GUARDED):
        with catalogue.transaction(force_rollback=True):
            if role:
                catalogue.execute(f"set local role {role}".encode())
            try:
                seen[table] = number(catalogue, f"select count(*) from {table}")
            except psycopg.errors.InsufficientPrivilege:
                continue
    return seen


def test_there_are_tenant_tables_to_look_at(catalogue: psycopg.Connection) -> None:
    assert len(names(catalogue, f"select relname {TENANT_TABLES}")) >= 4


def test_every_tenant_table_has_forced_row_level_security(catalogue: psycopg.Connection) -> None:
    lax = f"select relname {TENANT_TABLES} and not c.relispartition and not (relrowsecurity and relforcerowsecurity)"

    assert names(catalogue, lax) == []


def test_every_tenant_table_has_the_tenant_policy(catalogue: psycopg.Connection) -> None:
    bare = f"select relname {TENANT_TABLES} and not c.relispartition"
    bare += " and not exists (select from pg_policy p where p.polrelid = c.oid and p.polname = 'tenant')"

    assert names(catalogue, bare) == []


def test_each_role_has_the_grants_that_are_written_here_and_no_other(catalogue: psycopg.Connection) -> None:
    found: dict[str, dict[str, str]] = {}
    for role, table, verbs in catalogue.execute(GRANTS.encode()):
        found.setdefault(role, {})[table] = verbs

    assert found == GRANTED


@pytest.mark.parametrize("role", [roles.RUNNER, roles.SWEEP])
@pytest.mark.parametrize("secret", ["email from accounts_user", "password from accounts_user", "* from django_session"])
def test_only_the_web_reads_who_people_are(catalogue: psycopg.Connection, role: str, secret: str) -> None:
    with catalogue.transaction(force_rollback=True):
        catalogue.execute(f"set local role {role}".encode())
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            catalogue.execute(f"select {secret}".encode())


def test_partitions_are_granted_to_nobody(catalogue: psycopg.Connection) -> None:
    reachable = f"""select c.relname from pg_class c cross join unnest(array[{OURS}]) as role
        where c.relispartition and c.relnamespace = 'public'::regnamespace
        and has_table_privilege(role, c.oid, 'select, insert, update, delete, truncate')"""

    assert names(catalogue, reachable) == []


def test_partitions_have_row_level_security_of_their_own(catalogue: psycopg.Connection) -> None:
    lax = "select relname from pg_class where relispartition and relkind = 'r' and not relrowsecurity"

    assert names(catalogue, lax) == []


def test_references_inside_a_workspace_are_composite(catalogue: psycopg.Connection) -> None:
    plain = f"""select con.conname from pg_constraint con where con.contype = 'f'
        and con.conrelid in (select c.oid {TENANT_TABLES}) and con.confrelid in (select c.oid {TENANT_TABLES})
        and not exists (select from pg_attribute a
            where a.attrelid = con.conrelid and a.attname = 'workspace_id' and a.attnum = any(con.conkey))"""

    assert names(catalogue, plain) == []


def test_no_role_that_logs_in_passes_row_level_security_by(catalogue: psycopg.Connection) -> None:
    strong = f"""select rolname from pg_roles where rolname in ({OURS}, '{roles.OWNER}', '{roles.LOOKUP}')
        and (rolsuper or rolbypassrls or rolcreaterole)"""

    assert names(catalogue, strong) == []


def test_no_role_that_logs_in_may_become_another(catalogue: psycopg.Connection) -> None:
    memberships = f"""select m.rolname from pg_auth_members am
        join pg_roles m on m.oid = am.member where m.rolname in ({OURS})"""

    assert names(catalogue, memberships) == []


def test_nobody_may_truncate_or_make_tables(catalogue: psycopg.Connection) -> None:
    truncate = f"""select c.relname from pg_class c cross join unnest(array[{OURS}]) as role
        where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
        and has_table_privilege(role, c.oid, 'truncate')"""
    create = f"select role from unnest(array[{OURS}]) as role where has_schema_privilege(role, 'public', 'create')"
    temporary = f"""select role from unnest(array[{OURS}]) as role
        where has_database_privilege(role, current_database(), 'temporary')"""

    assert names(catalogue, truncate) == []
    assert names(catalogue, create) == []
    assert names(catalogue, temporary) == []


def test_definer_functions_pin_their_search_path_and_are_closed_to_the_public(catalogue: psycopg.Connection) -> None:
    loose = """select proname from pg_proc where prosecdef and pronamespace not in
        ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
        and (not exists (select from unnest(proconfig) as setting where setting like 'search_path=%')
            or has_function_privilege('public', oid, 'execute'))"""

    assert names(catalogue, loose) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("role", roles.LOGINS)
def test_without_a_context_a_role_sees_what_it_may_beyond_one_workspace(
    catalogue: psycopg.Connection, alice: "Person", role: str
) -> None:
    """The look at each table is granted and empty, or denied; partitions included."""
    fill(catalogue)
    there = counted(catalogue, "")
    empty = [table for table, rows in there.items() if not rows]
    expected = {table: there[table] for table in BEYOND[role]}
    if role == roles.RUNNER:  # an entry only while it waits for its link
        expected["compliance_auditentry"] = waiting = number(catalogue, WAITING_ENTRIES)
        assert 0 < waiting < there["compliance_auditentry"]

    assert empty == []
    assert {table: rows for table, rows in counted(catalogue, role).items() if rows} == expected


def test_beyond_one_workspace_the_roles_see_what_the_models_say() -> None:
    said: dict[str, set[str]] = {role: set() for role in roles.LOGINS}
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            if isinstance(constraint, TenantIsolation):
                for role in (role for role, verbs in constraint.beyond.items() if "select" in verbs):
                    said[role].add(model._meta.db_table)
    said[roles.SWEEP].add("runs_journal")  # no model; its migration says so

    assert said == BEYOND


def test_a_table_without_a_policy_would_be_found(catalogue: psycopg.Connection) -> None:
    with catalogue.transaction(force_rollback=True):
        catalogue.execute("create table forgotten (id uuid primary key, workspace_id uuid not null)")
        catalogue.execute("grant select on forgotten to atrium_web")
        fill(catalogue)

        assert counted(catalogue, roles.WEB)["forgotten"] > 0
