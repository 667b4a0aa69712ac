from datetime import timedelta

from django.contrib.sessions.models import Session
from django.db.models.functions import Now
from django.test import Client

from tests.cast import Person
from workspace.accounts import actions
from workspace.accounts.models import Role
from workspace.accounts.permissions import CAPABILITIES

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def test_expired_sessions_are_forgotten_and_living_ones_stay(alice: Person, bob: Person) -> None:
    clients = [Client(), Client()]
    for client, person in zip(clients, (alice, bob), strict=True):
        client.force_login(person.user, backend=BACKEND)
    expired = Session.objects.filter(session_key=clients[0].session.session_key)
    expired.update(expire_date=Now() - timedelta(seconds=1))

    assert (actions.forget_sessions(), actions.forget_sessions()) == (1, 0)
    assert [client.get("/api/me").status_code for client in clients] == [401, 200]


def test_a_signed_in_browser_may_do_what_its_person_may(alice: Person) -> None:
    client = Client()
    client.force_login(alice.user, backend=BACKEND)

    assert client.get("/api/me").json()["capabilities"] == sorted(CAPABILITIES[Role.OWNER])
