"""Whoever changes, cuts, moves or slips in a row is found, even the owner of the tables."""

from collections.abc import Callable
from io import StringIO
from uuid import UUID, uuid4

import psycopg
import pytest
from django.core.management import CommandError, call_command

from compliance.verification import Fault, Verdict
from tests.cast import Person
from tests.compliance.trail import act, forger, sealed_now, verdict_on

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "sweep"])

Forged = Callable[[str], Verdict]


@pytest.fixture
def forged(alice: Person, database_url: str) -> Forged:
    """Runs the forger's SQL on a sealed trail of at least ten entries, and verifies."""
    act(alice, times=10)
    assert sealed_now()

    def after(sql: str) -> Verdict:
        with forger(database_url, alice.workspace) as connection:
            connection.execute(sql.encode())
        return verdict_on(alice.workspace)

    return after


def fault(verdict: Verdict) -> tuple[Fault, int | None]:
    assert verdict.broken is not None
    return verdict.broken.fault, verdict.broken.sequence


ENTRY_5 = "(select entry_id from compliance_auditlink where sequence = 5)"


def test_an_honest_chain_holds(alice: Person, forged: Forged) -> None:
    verdict = forged("select 1")

    assert verdict.broken is None
    assert verdict.links >= 12  # the workspace, the token and the ten
    assert verdict.waiting == 0


def test_what_waits_for_its_link_is_no_fault(alice: Person) -> None:
    act(alice, times=2)

    verdict = verdict_on(alice.workspace)

    assert (verdict.broken, verdict.links) == (None, 0)
    assert verdict.waiting >= 2


@pytest.mark.parametrize(
    "change",
    [
        "action = 'thing.made'",
        f"actor_id = '{UUID(int=9)}'",
        "details = '{}'",
        "object_id = null",
        "at = at - interval '1 microsecond'",
        "surface = 'api'",
    ],
)
def test_a_changed_entry_is_found(forged: Forged, change: str) -> None:
    found = fault(forged(f"update compliance_auditentry set {change} where id = {ENTRY_5}"))

    assert found == (Fault.MISMATCH, 5)


def test_an_entry_moved_to_another_workspace_is_found(forged: Forged, charlie: Person, database_url: str) -> None:
    # Forced row level security keeps even the owner from it: this takes the superuser.
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute(
            f"update compliance_auditentry set workspace_id = '{charlie.workspace}' where action = 'token.create'"
            f" and workspace_id <> '{charlie.workspace}'".encode()
        )

    assert fault(forged("select 1"))[0] is Fault.ENTRY_MISSING


def test_an_entry_cut_out_is_found(forged: Forged) -> None:
    assert fault(forged(f"delete from compliance_auditentry where id = {ENTRY_5}")) == (Fault.ENTRY_MISSING, 5)


def test_a_link_cut_out_is_found(forged: Forged) -> None:
    assert fault(forged("delete from compliance_auditlink where sequence = 5")) == (Fault.GAP, 6)


def test_a_gap_closed_by_renumbering_is_found(forged: Forged) -> None:
    verdict = forged(
        "delete from compliance_auditentry where id = " + ENTRY_5 + ";"
        "delete from compliance_auditlink where sequence = 5;"
        "update compliance_auditlink set sequence = -sequence where sequence > 5;"
        "update compliance_auditlink set sequence = -sequence - 1 where sequence < 0"
    )

    assert fault(verdict) == (Fault.TORN, 5)


def test_two_links_that_changed_places_are_found(forged: Forged) -> None:
    verdict = forged(
        "update compliance_auditlink set sequence = -5 where sequence = 5;"
        "update compliance_auditlink set sequence = 5 where sequence = 6;"
        "update compliance_auditlink set sequence = 6 where sequence = -5"
    )

    assert fault(verdict) == (Fault.TORN, 5)


def test_two_entries_that_changed_places_are_found(forged: Forged) -> None:
    verdict = forged("""do $$
        declare five uuid := (select entry_id from compliance_auditlink where sequence = 5);
                six uuid := (select entry_id from compliance_auditlink where sequence = 6);
        begin
            update compliance_auditlink set entry_id = gen_random_uuid() where sequence = 5;
            update compliance_auditlink set entry_id = five where sequence = 6;
            update compliance_auditlink set entry_id = six where sequence = 5;
        end $$""")

    assert fault(verdict) == (Fault.MISMATCH, 5)


def test_the_end_cut_off_the_chain_alone_is_found(forged: Forged) -> None:
    assert fault(forged("delete from compliance_auditlink where sequence > 5")) == (Fault.UNLINKED, None)


def test_an_entry_slipped_past_the_line_is_found(forged: Forged) -> None:
    verdict = forged(
        "alter table compliance_auditentry disable trigger in_line;"
        "insert into compliance_auditentry (id, workspace_id, action, surface, object_kind, details)"
        f" values ('{uuid4()}', current_setting('app.workspace')::uuid, 'thing.fake', '', '', '{{}}');"
        "alter table compliance_auditentry enable trigger in_line"
    )

    assert fault(verdict) == (Fault.UNLINKED, None)


def test_an_entry_that_went_before_it_was_sealed_is_found(alice: Person, forged: Forged) -> None:
    act(alice)

    verdict = forged("delete from compliance_auditentry where id in (select entry_id from compliance_auditwaiting)")

    assert fault(verdict) == (Fault.LOST, None)


def test_a_rewritten_end_shows_by_a_head_that_was_noted(alice: Person, forged: Forged) -> None:
    """Entries and links cut off together leave a chain that holds; this is why the command prints heads."""
    before = verdict_on(alice.workspace)
    after = forged(
        "delete from compliance_auditentry where id in (select entry_id from compliance_auditlink where sequence > 5);"
        "delete from compliance_auditlink where sequence > 5"
    )

    assert after.broken is None
    assert (after.links, after.head) != (before.links, before.head)


def test_the_command_prints_a_line_for_each_workspace(alice: Person, charlie: Person) -> None:
    sealed_now()
    out = StringIO()

    call_command("verify_audit", stdout=out)

    head = verdict_on(alice.workspace).head.hex()
    lines = out.getvalue().splitlines()
    assert [line.split()[:2] for line in lines] == [[str(alice.workspace), "ok"], [str(charlie.workspace), "ok"]]
    assert f"head={head}" in lines[0]


def test_the_command_names_the_first_broken_link_and_fails(
    alice: Person, charlie: Person, forged: Forged, database_url: str
) -> None:
    forged(f"update compliance_auditentry set action = 'thing.made' where id = {ENTRY_5}")
    out = StringIO()

    with pytest.raises(CommandError, match="1 of 2"):
        call_command("verify_audit", stdout=out)

    assert f"{alice.workspace} broken at link 5: mismatch" in out.getvalue()


def test_the_command_looks_at_one_workspace_when_asked(alice: Person, charlie: Person) -> None:
    out = StringIO()

    call_command("verify_audit", workspace=charlie.workspace, stdout=out)

    assert [line.split()[0] for line in out.getvalue().splitlines()] == [str(charlie.workspace)]
    with pytest.raises(CommandError, match="no such workspace"):
        call_command("verify_audit", workspace=uuid4())
