import base64
import secrets
import uuid
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from django.db import IntegrityError, transaction

from tests.cast import Person
from workspace.common import keys, kms, sealed
from workspace.common.ciphers import SealBroken
from workspace.common.contracts import KeyOwner
from workspace.common.keys import KeyDestroyed
from workspace.common.models import DataKey, IdempotencyRecord, WorkspaceKey
from workspace.common.work import unit


@pytest.mark.parametrize("kind", list(KeyOwner))
def test_every_kind_of_owner_has_a_key_of_its_own(alice: Person, kind: KeyOwner) -> None:
    owner = uuid.uuid4()
    with unit(alice.workspace):
        made = keys.create(kind, owner)

        assert keys.open_one(kind, owner).secret == made.secret


def test_an_owner_has_one_key(alice: Person) -> None:
    with unit(alice.workspace), pytest.raises(IntegrityError), transaction.atomic():
        keys.create(KeyOwner.USER, alice.user.id)


def test_a_destroyed_key_opens_nothing_any_more(alice: Person) -> None:
    owner = uuid.uuid4()
    with unit(alice.workspace):
        keys.create(KeyOwner.CONVERSATION, owner)

        assert keys.destroy(KeyOwner.CONVERSATION, owner)
        assert not keys.destroy(KeyOwner.CONVERSATION, owner)
        with pytest.raises(KeyDestroyed):
            keys.open_one(KeyOwner.CONVERSATION, owner)


def test_without_the_workspaces_key_none_of_its_keys_opens(alice: Person) -> None:
    with unit(alice.workspace):
        WorkspaceKey.objects.all().delete()

        with pytest.raises(KeyDestroyed):
            keys.open_one(KeyOwner.USER, alice.user.id)


def test_another_workspace_has_no_such_key(alice: Person, charlie: Person) -> None:
    with unit(charlie.workspace):
        assert keys.opened(KeyOwner.USER, [alice.user.id]) == {}


def test_a_wrapped_key_that_is_moved_to_another_owner_does_not_open(alice: Person) -> None:
    with unit(alice.workspace):
        keys.create(KeyOwner.CONVERSATION, uuid.uuid4())
        thief = uuid.uuid4()
        DataKey.objects.filter(owner_kind=KeyOwner.CONVERSATION).update(owner_id=thief)

        with pytest.raises(InvalidTag):
            keys.open_one(KeyOwner.CONVERSATION, thief)


def test_many_keys_open_in_one_query(alice: Person, django_assert_num_queries: Any) -> None:
    owners = [uuid.uuid4() for _ in range(20)]
    with unit(alice.workspace):
        for owner in owners:
            keys.create(KeyOwner.CONVERSATION, owner)
        with django_assert_num_queries(1):
            assert set(keys.opened(KeyOwner.CONVERSATION, owners)) == set(owners)


def record(person: Person) -> IdempotencyRecord:
    return IdempotencyRecord(user_id=person.user.id, key_digest=secrets.token_bytes(32), body_digest=b"")


def test_a_sealed_column_reads_as_it_was_written(alice: Person) -> None:
    with unit(alice.workspace, alice.user.id):
        rows = [record(alice), record(alice)]
        for number, row in enumerate(rows):
            sealed.write(row, "response", f"answer {number}".encode())
            row.save()
        found = [IdempotencyRecord.objects.get(id=row.id) for row in rows]

        assert sealed.read_all(found, "response") == [b"answer 0", b"answer 1"]
        assert b"answer" not in bytes(found[0].response)


def test_a_column_that_was_never_written_is_empty(alice: Person) -> None:
    with unit(alice.workspace, alice.user.id):
        assert sealed.read(record(alice), "response") == b""


def test_sealed_bytes_in_another_row_are_broken(alice: Person) -> None:
    with unit(alice.workspace, alice.user.id):
        first, second = record(alice), record(alice)
        sealed.write(first, "response", b"answer")
        second.response = first.response

        with pytest.raises(SealBroken):
            sealed.read(second, "response")


def test_a_column_that_is_not_sealed_is_refused(alice: Person) -> None:
    with unit(alice.workspace, alice.user.id), pytest.raises(TypeError):
        sealed.write(record(alice), "key_digest", b"x")


@pytest.mark.parametrize("padded", [True, False])
def test_the_local_key_is_32_bytes_in_base64(padded: bool) -> None:
    key = secrets.token_bytes(32)
    text = base64.urlsafe_b64encode(key).decode()

    assert kms.local_key(text if padded else text.rstrip("=")) == key


@pytest.mark.parametrize("text", ["", "short", "é" * 43, "A" * 42, "A" * 64, "A" * 43 + "!"])
def test_another_local_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        kms.local_key(text)


def test_a_wrapped_key_opens_in_its_context_only() -> None:
    service = kms.LocalKeyManagement(secrets.token_bytes(32))
    wrapped = service.wrap(b"k" * 32, b"workspace 1")

    assert service.unwrap(wrapped, b"workspace 1") == b"k" * 32
    with pytest.raises(InvalidTag):
        service.unwrap(wrapped, b"workspace 2")
