"""One workspace at a time: what a unit shows, and what it takes back."""

import asyncio
import uuid
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.db import IntegrityError, ProgrammingError, connection, connections, transaction

from tests.cast import Person
from workspace.accounts.models import AccessToken, Membership, Workspace
from workspace.common.models import DataKey, Job
from workspace.common.work import WrongTenant, current, founding, here, outside, unit, work

committed = pytest.mark.django_db(transaction=True)


def tokens() -> set[uuid.UUID]:
    return set(AccessToken.objects.values_list("user_id", flat=True))


def test_a_unit_shows_its_own_workspace_and_no_other(alice: Person, charlie: Person) -> None:
    with unit(alice.workspace):
        assert tokens() == {alice.user.id}
    with unit(charlie.workspace):
        assert tokens() == {charlie.user.id}


@committed
def test_without_a_unit_there_are_no_rows(alice: Person) -> None:
    assert not AccessToken.objects.exists()
    assert not Workspace.objects.exists()
    assert Membership.objects.update(is_active=False) == 0
    with pytest.raises(WrongTenant):
        Job(name="x", subject_id=uuid.uuid4())


@committed
def test_a_row_for_another_workspace_is_refused_by_the_database(alice: Person, charlie: Person) -> None:
    with pytest.raises(ProgrammingError, match="row-level security"), unit(alice.workspace):
        DataKey.objects.create(workspace_id=charlie.workspace, owner_kind="user", owner_id=uuid.uuid4(), wrapped=b"x")


@committed
def test_a_row_cannot_move_to_another_workspace(alice: Person, charlie: Person) -> None:
    with pytest.raises(ProgrammingError, match="row-level security"), unit(alice.workspace):
        AccessToken.objects.update(workspace_id=charlie.workspace)


def test_a_unit_inside_another_workspaces_is_an_error(alice: Person, charlie: Person) -> None:
    with unit(alice.workspace), pytest.raises(WrongTenant), unit(charlie.workspace):
        pass
    with unit(alice.workspace, alice.user.id), pytest.raises(WrongTenant), unit(alice.workspace):
        pass


def test_a_unit_inside_its_like_joins_it(alice: Person) -> None:
    with unit(alice.workspace) as outer, unit(alice.workspace) as inner:
        assert inner is outer is here()
    assert current.get() is None


def test_a_workspace_that_does_not_exist_has_no_unit(db: None) -> None:
    with pytest.raises(WrongTenant), unit(uuid.uuid4()):
        pass


def test_a_workspace_is_founded_once(alice: Person) -> None:
    with pytest.raises(WrongTenant), founding(alice.workspace):
        pass
    with unit(alice.workspace), pytest.raises(WrongTenant), founding(uuid.uuid4()):
        pass


@committed
def test_an_error_takes_back_everything(alice: Person) -> None:
    def change_and_fail() -> None:
        with unit(alice.workspace):
            Workspace.objects.update(name="changed")
            Membership.objects.create(user=alice.user)

    with pytest.raises(IntegrityError):
        change_and_fail()

    with unit(alice.workspace):
        assert Workspace.objects.get().name == "alice's workspace"


@committed
def test_a_connection_carries_nothing_over(alice: Person) -> None:
    with unit(alice.workspace, alice.user.id):
        pass
    with connection.cursor() as cursor:
        cursor.execute("select current_setting('app.workspace', true), current_setting('app.user', true)")
        assert set(cursor.fetchone()) <= {"", None}


@committed
def test_the_unit_knows_the_epoch_of_its_workspace(alice: Person) -> None:
    with unit(alice.workspace) as before:
        Workspace.objects.update(authorisation_epoch=before.epoch + 1)
    with unit(alice.workspace) as after:
        assert after.epoch == before.epoch + 1


@committed
async def test_async_code_reaches_rows_through_a_thread_and_sees_its_workspace_only(
    alice: Person, charlie: Person
) -> None:
    people = [alice, charlie] * 20

    found = await asyncio.gather(*(work(tokens, person.workspace) for person in people))

    assert found == [{person.user.id} for person in people]
    assert await outside(tokens) == set()
    assert current.get() is None


@committed
def test_threads_do_not_see_each_others_unit(alice: Person, charlie: Person) -> None:
    def seen(person: Person) -> set[uuid.UUID]:
        try:
            with unit(person.workspace):
                return tokens()
        finally:
            connections.close_all()

    people = [alice, charlie] * 10
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(seen, people)) == [{person.user.id} for person in people]


def test_a_unit_is_a_transaction_of_its_own(db: None, alice: Person) -> None:
    with unit(alice.workspace):
        assert connection.in_atomic_block
        with transaction.atomic():
            assert here().workspace == alice.workspace


def test_the_owner_of_the_tables_is_no_exception(owner_connection: psycopg.Connection, alice: Person) -> None:
    assert owner_connection.execute("select count(*) from accounts_membership").fetchone() == (0,)
