"""What the database itself says about isolation: the catalogue cannot forget a table."""

from collections.abc import Iterator

import psycopg
import pytest

from workspace.common import roles

OURS = ", ".join(f"'{role}'" for role in roles.LOGINS)
TENANT_TABLES = """
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'workspace_id' and not a.attisdropped
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
"""


@pytest.fixture
def catalogue(database_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


def names(catalogue: psycopg.Connection, question: str) -> list[str]:
    return sorted(str(row[0]) for row in catalogue.execute(question.encode()))


def test_there_are_tenant_tables_to_look_at(catalogue: psycopg.Connection) -> None:
    assert len(names(catalogue, f"select relname {TENANT_TABLES}")) >= 4


def test_every_tenant_table_has_forced_row_level_security(catalogue: psycopg.Connection) -> None:
    lax = f"select relname {TENANT_TABLES} and not c.relispartition and not (relrowsecurity and relforcerowsecurity)"

    assert names(catalogue, lax) == []


def test_every_tenant_table_has_the_tenant_policy(catalogue: psycopg.Connection) -> None:
    bare = f"select relname {TENANT_TABLES} and not c.relispartition"
    bare += " and not exists (select from pg_policy p where p.polrelid = c.oid and p.polname = 'tenant')"

    assert names(catalogue, bare) == []


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


@pytest.mark.parametrize("role", roles.LOGINS)
def test_without_a_context_a_tenants_rows_do_not_exist(catalogue: psycopg.Connection, role: str) -> None:
    """The look at each table is granted and empty, or denied; partitions included."""
    tables = names(catalogue, f"select quote_ident(relname) {TENANT_TABLES}")
    seen = {}
    for table in tables:
        with catalogue.transaction(force_rollback=True):
            catalogue.execute(f"set local role {role}".encode())
            try:
                counted = catalogue.execute(f"select count(*) from {table}".encode()).fetchone()
            except psycopg.errors.InsufficientPrivilege:
                continue
            seen[table] = counted[0] if counted else 0

    assert not {table: count for table, count in seen.items() if count}
