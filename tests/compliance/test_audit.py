"""The act and its record stand or fall together, and the record names nobody in clear."""

from uuid import uuid4

import psycopg
import pytest
from django.db import ProgrammingError, connection, transaction

from compliance import pseudonyms
from compliance.models import AuditEntry, AuditLink, AuditWaiting
from compliance.pseudonyms import pseudonym
from tests.cast import Person
from workspace.accounts import members, tokens
from workspace.common import audit, keys
from workspace.common.audit import AuditEvent
from workspace.common.contracts import KeyOwner
from workspace.common.work import unit


def act(person: Person, **details: str | int | bool) -> AuditEntry:
    event = AuditEvent("thing.make", person.actor, "thing", uuid4(), details)
    with unit(person.workspace):
        audit.record(event)
        return AuditEntry.objects.get(object_id=event.object_id)


def test_the_port_writes_through_this_room() -> None:
    assert audit.installed()


def test_an_entry_says_who_did_what_with_which_credential(alice: Person) -> None:
    entry = act(alice, count=3)

    with unit(alice.workspace):
        assert entry.actor_id == pseudonym(alice.user.id)
    assert (entry.action, entry.object_kind, entry.details) == ("thing.make", "thing", {"count": 3})
    assert (entry.credential_id, entry.surface) == (alice.actor.credential, "enterprise")


def test_an_entry_waits_for_its_link_from_the_moment_it_exists(alice: Person) -> None:
    entry = act(alice)

    with unit(alice.workspace):
        assert AuditWaiting.objects.filter(entry_id=entry.id, workspace_id=alice.workspace).exists()


def test_nobody_stands_in_the_trail_by_their_id(alice: Person, bob: Person) -> None:
    owner = alice.actor
    with unit(alice.workspace):
        members.deactivate_member(owner, bob.user.id)
        rows = [str(row) for row in AuditEntry.objects.values_list()]

    assert rows
    assert not [row for row in rows for person in (alice, bob) if str(person.user.id) in row]


def test_a_person_has_one_pseudonym_a_workspace(alice: Person, bob: Person) -> None:
    owner = alice.actor
    with unit(alice.workspace):
        members.deactivate_member(owner, bob.user.id)
        named = AuditEntry.objects.filter(object_kind="user").values_list("action", "object_id")

        assert set(named) >= {(action, pseudonym(bob.user.id)) for action in ("member.create", "member.deactivate")}


def test_an_erased_person_is_nobody_in_what_is_written_about_them(alice: Person) -> None:
    erased = uuid4()
    with unit(alice.workspace):
        audit.record(AuditEvent("person.erase", None, "user", erased, {"user": str(erased)}))
        entry = AuditEntry.objects.get(action="person.erase")

    assert (entry.object_id, entry.details) == (None, {"user": None})


def test_an_actor_without_a_key_does_nothing(alice: Person, bob: Person) -> None:
    actor = bob.actor
    with unit(alice.workspace):
        keys.destroy(KeyOwner.USER, bob.user.id)
        pseudonyms._pseudonym.cache_clear()  # as in a process that has not met him yet

        with pytest.raises(keys.KeyDestroyed):
            audit.record(AuditEvent("thing.make", actor))


def test_a_failed_act_leaves_no_entry_and_nothing_in_line(alice: Person) -> None:
    event = AuditEvent("thing.make", alice.actor, "thing", uuid4())
    with unit(alice.workspace):
        with transaction.atomic():
            audit.record(event)
            transaction.set_rollback(True)

        entries = AuditEntry.objects.filter(object_id=event.object_id)
        waiting = set(AuditWaiting.objects.values_list("entry_id", flat=True))
        assert not entries.exists()
        assert waiting == set(AuditEntry.objects.values_list("id", flat=True))


def test_an_act_whose_entry_cannot_be_written_fails(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "_writers", [])

    with pytest.raises(audit.AuditNotInstalled), unit(alice.workspace):
        tokens.create_token(alice.user.id, "another")

    assert len(alice_tokens(alice)) == 1


def alice_tokens(alice: Person) -> list[str]:
    from workspace.accounts.models import AccessToken

    with unit(alice.workspace):
        return list(AccessToken.objects.values_list("name", flat=True))


@pytest.mark.parametrize("table", ["compliance_consent", "compliance_auditentry", "compliance_auditlink"])
@pytest.mark.parametrize("verb", ["update {} set workspace_id = workspace_id", "delete from {}"])
def test_web_can_neither_change_nor_remove(alice: Person, table: str, verb: str) -> None:
    refused = pytest.raises(ProgrammingError, match="permission denied")
    with unit(alice.workspace), connection.cursor() as cursor, refused, transaction.atomic():
        cursor.execute(verb.format(table))


def test_web_cannot_write_a_link_or_touch_the_line(alice: Person) -> None:
    with unit(alice.workspace):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            AuditLink.objects.create(sequence=1, entry_id=uuid4(), previous=bytes(32), hash=bytes(32))
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            AuditWaiting.objects.all().delete()


@pytest.mark.parametrize("table", ["compliance_consent", "compliance_auditentry", "compliance_auditlink"])
@pytest.mark.parametrize("verb", ["update {} set workspace_id = workspace_id", "delete from {}", "truncate {}"])
def test_the_owner_is_refused_too(owner_connection: psycopg.Connection, table: str, verb: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
        owner_connection.execute(verb.format(table).encode())
