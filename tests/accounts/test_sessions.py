"""The browsers that somebody is signed in with: noted, shown, ended."""

import uuid
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db.models.functions import Now
from django.test import Client

from tests.cast import PASSWORD, Person
from workspace.accounts import actions, permissions, sessions
from workspace.accounts.errors import CredentialRefused
from workspace.accounts.models import BrowserSession, Role
from workspace.accounts.permissions import CAPABILITIES
from workspace.accounts.sessions import BACKEND, Browser
from workspace.common import revocation
from workspace.common.audit import AuditEvent
from workspace.common.contracts import Actor
from workspace.common.errors import NotFound
from workspace.common.work import unit


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """Whose open streams were told to end."""
    told: list[UUID] = []
    monkeypatch.setattr(revocation, "_handlers", [told.append])
    return told


def browser(person: Person, agent: str = "a browser") -> Client:
    """Signed in, and seen once."""
    client = Client(headers={"User-Agent": agent})
    client.force_login(person.user, backend=BACKEND)
    assert client.get("/api/me").status_code == 200
    return client


def row(client: Client) -> BrowserSession:
    return BrowserSession.objects.get(session_id=client.session.session_key)


def actor_of(client: Client, person: Person) -> Actor:
    from dataclasses import replace

    return replace(person.actor, credential=row(client).id)


def test_expired_sessions_are_forgotten_and_living_ones_stay(alice: Person, bob: Person) -> None:
    clients = [browser(alice), browser(bob)]
    expired = Session.objects.filter(session_key=clients[0].session.session_key)
    expired.update(expire_date=Now() - timedelta(seconds=1))

    assert (actions.forget_sessions(), actions.forget_sessions()) == (1, 0)
    assert [client.get("/api/me").status_code for client in clients] == [401, 200]
    assert [seen.user_id for seen in BrowserSession.objects.all()] == [bob.user.id]


def test_a_signed_in_browser_may_do_what_its_person_may(alice: Person) -> None:
    assert browser(alice).get("/api/me").json()["capabilities"] == sorted(CAPABILITIES[Role.OWNER])


def test_signing_in_notes_the_browser_at_once(client: Client, alice: Person) -> None:
    cache.clear()
    client.post("/sign-in", {"login": alice.user.email, "password": PASSWORD}, headers={"User-Agent": "Lynx\0/2"})

    noted = row(client)
    assert (noted.user_id, noted.agent, noted.address) == (alice.user.id, "Lynx/2", "127.0.0.1")


def test_the_owners_link_notes_the_browser_too(client: Client, db: None) -> None:
    path = str(actions.create_owner_link())
    client.post(path, {"email": "first@example.org", "name": "First", "password": PASSWORD})

    assert client.post(path.replace("?", "/workspace?"), {"workspace": "Acme"}).status_code == 302
    assert row(client).user.email == "first@example.org"


def test_a_browser_is_noted_once_a_minute_and_costs_no_query_in_between(
    alice: Person, django_assert_num_queries: Any
) -> None:
    client = browser(alice)
    first = row(client).last_seen_at
    client.get("/api/me")
    assert row(client).last_seen_at == first

    BrowserSession.objects.update(last_seen_at=Now() - timedelta(seconds=61))
    client.get("/api/me", headers={"User-Agent": "newer"})
    assert row(client).last_seen_at > first
    assert (row(client).agent, row(client).created_at <= first) == ("newer", True)


def test_the_secret_key_of_a_session_is_not_its_name_in_records(alice: Person) -> None:
    client = browser(alice)

    assert Browser(str(client.session.session_key), "", None).credential == row(client).id
    assert str(client.session.session_key) not in str(row(client).id)
    assert str(client.session.session_key) not in repr(Browser(str(client.session.session_key), "", None))


@pytest.mark.parametrize("address, kept", [("10.1.2.3", "10.1.2.3"), ("::1", "::1"), ("", None), ("a socket", None)])
def test_an_address_is_kept_where_there_is_one(alice: Person, address: str, kept: str | None) -> None:
    client = Client(REMOTE_ADDR=address)
    client.force_login(alice.user, backend=BACKEND)
    client.get("/api/me")

    assert row(client).address == kept


def test_the_list_holds_the_own_living_sessions_the_latest_first(alice: Person, bob: Person) -> None:
    old, new, expired, _ = browser(alice, "old"), browser(alice, "new"), browser(alice, "expired"), browser(bob)
    Session.objects.filter(session_key=expired.session.session_key).update(expire_date=Now())
    BrowserSession.objects.filter(id=row(old).id).update(last_seen_at=Now() - timedelta(hours=1))

    with unit(alice.workspace, alice.user.id):
        assert [seen.agent for seen in sessions.sessions_of(actor_of(new, alice))] == ["new", "old"]


def test_an_ended_session_is_out_at_once_and_its_streams_are_told(
    alice: Person, ended: list[UUID], recorded: list[AuditEvent]
) -> None:
    here, there = browser(alice), browser(alice)
    gone = row(there).id
    actor, watcher = actor_of(here, alice), actor_of(there, alice)

    with unit(alice.workspace, alice.user.id):
        permissions.still_present(watcher)
        sessions.end_session(actor, gone)
        with pytest.raises(CredentialRefused):
            permissions.still_present(watcher)
        permissions.still_holds(watcher)

    assert ended == [gone]
    assert [client.get("/api/me").status_code for client in (here, there)] == [200, 401]
    assert (recorded[-1].action, recorded[-1].object_id) == ("session.end", gone)


def test_nobody_ends_the_session_of_another(alice: Person, bob: Person) -> None:
    theirs, own = browser(alice), browser(bob)
    actor = actor_of(own, bob)

    with unit(bob.workspace, bob.user.id):
        for session in (row(theirs).id, uuid.uuid4()):
            with pytest.raises(NotFound):
                sessions.end_session(actor, session)

    assert theirs.get("/api/me").status_code == 200


def test_all_others_end_and_this_one_stays(alice: Person, bob: Person, ended: list[UUID]) -> None:
    here, there, elsewhere, theirs = browser(alice), browser(alice), browser(alice), browser(bob)
    gone = {row(there).id, row(elsewhere).id}

    with unit(alice.workspace, alice.user.id):
        assert sessions.end_other_sessions(actor_of(here, alice)) == 2

    assert set(ended) == gone
    statuses = [client.get("/api/me").status_code for client in (here, there, elsewhere, theirs)]
    assert statuses == [200, 401, 401, 200]


def test_signing_out_ends_what_is_open_in_this_browser(alice: Person, ended: list[UUID]) -> None:
    client, other = browser(alice), browser(alice)
    gone = row(client).id
    client.post("/sign-out")

    assert ended == [gone]
    assert other.get("/api/me").status_code == 200


def test_a_session_that_ends_while_its_request_is_on_the_way_is_refused(alice: Person) -> None:
    with pytest.raises(CredentialRefused):
        sessions.seen(alice.user.id, Browser("a key that is gone", "", None))
    assert not BrowserSession.objects.exists()


def test_a_token_watches_as_long_as_it_holds(alice: Person) -> None:
    with unit(alice.workspace, alice.user.id):
        permissions.still_present(alice.actor)
