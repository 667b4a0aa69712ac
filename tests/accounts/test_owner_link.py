"""How the first owner gets in."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.test import Client

from tests.cast import PASSWORD, Person
from workspace.accounts import actions, queries
from workspace.accounts.models import OwnerLink, User

FORM = {"email": "first@example.org", "workspace": "Acme", "name": "First", "password": PASSWORD}


def test_the_link_makes_the_first_owner_and_signs_them_in(client: Client, db: None) -> None:
    path = actions.create_owner_link()
    assert path

    page, done = client.get(path), client.post(path, FORM)

    assert (page.status_code, page["Referrer-Policy"]) == (200, "same-origin")
    assert done.status_code == 302
    me = client.get("/api/me").json()
    assert (me["workspace"]["name"], me["role"]) == ("Acme", "owner")


def test_the_link_works_once(client: Client, db: None) -> None:
    path = str(actions.create_owner_link())
    client.post(path, FORM)

    again = Client().post(path, FORM | {"email": "second@example.org"})

    assert again.status_code == 404
    assert queries.has_owner()
    assert not User.objects.filter(email="second@example.org").exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_use_it_at_once_one_becomes_the_owner() -> None:
    path = str(actions.create_owner_link())

    def claim(number: int) -> int:
        try:
            return Client().post(path, FORM | {"email": f"{number}@example.org"}).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as threads:
        statuses = sorted(threads.map(claim, range(4)))

    assert statuses == [302, 404, 404, 404]


def test_a_password_that_is_refused_leaves_the_link(client: Client, db: None) -> None:
    path = str(actions.create_owner_link())

    refused = client.post(path, FORM | {"password": "too short"})

    assert refused.status_code == 400
    assert "at least 15 characters" in refused.content.decode()
    assert client.post(path, FORM).status_code == 302


@pytest.mark.parametrize("token", ["", "x", "\0", "é" * 500])
def test_a_made_up_link_opens_nothing(client: Client, db: None, token: str) -> None:
    actions.create_owner_link()

    assert client.get("/set-up", {"token": token}).status_code == 404


def test_a_link_lives_a_day(client: Client, db: None) -> None:
    path = str(actions.create_owner_link())
    old = OwnerLink.objects.get()
    OwnerLink.objects.all().delete()
    OwnerLink.objects.create(digest=bytes(old.digest), expires_at="2020-01-01T00:00:00Z")

    assert client.get(path).status_code == 404


def test_a_new_link_ends_the_earlier_one(client: Client, db: None) -> None:
    first, second = str(actions.create_owner_link()), str(actions.create_owner_link())

    assert (client.get(first).status_code, client.get(second).status_code) == (404, 200)


def test_there_is_no_link_once_there_is_an_owner(alice: Person) -> None:
    assert actions.create_owner_link() is None


def test_the_token_is_not_stored(db: None) -> None:
    path = str(actions.create_owner_link())

    assert path.rpartition("=")[2].encode() not in bytes(OwnerLink.objects.get().digest)
