"""How the first owner gets in: the link, and the first two steps behind it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.http import HttpResponseBase
from django.test import Client

from tests.cast import PASSWORD, Person
from workspace.accounts import actions, queries
from workspace.accounts.models import OwnerLink, User

FIRST = {"email": "First@example.org", "name": "First", "password": PASSWORD}
SECOND = {"workspace": "Acme", "language": "ja", "time_zone": "tokyo"}


def second(path: str) -> str:
    return path.replace("/set-up?", "/set-up/workspace?")


def walk(client: Client, path: str, **said: str) -> HttpResponseBase:
    """Both steps; the answer to the second."""
    client.post(path, FIRST | said)
    answer: HttpResponseBase = client.post(second(path), SECOND)
    return answer


@pytest.fixture
def path(db: None) -> str:
    return str(actions.create_owner_link())


def test_the_steps_make_the_first_owner_and_sign_them_in(client: Client, path: str) -> None:
    page, done = client.get(path), walk(client, path)

    assert (page.status_code, page["Referrer-Policy"]) == (200, "same-origin")
    assert (done.status_code, done["Location"]) == (302, "/set-up/engine")
    me = client.get("/api/me").json()
    assert (me["workspace"]["name"], me["role"]) == ("Acme", "owner")
    owner = User.objects.get()
    assert (owner.email, owner.language, owner.time_zone) == ("first@example.org", "ja", "Asia/Tokyo")
    assert owner.check_password(PASSWORD)


def test_nothing_is_made_by_the_first_step(client: Client, path: str) -> None:
    answer = client.post(path, FIRST)

    assert answer["Location"] == second(path)
    assert not User.objects.exists()
    assert PASSWORD not in str(dict(client.session))


def test_going_back_loses_nothing(client: Client, path: str) -> None:
    client.post(path, FIRST)

    assert "First" in client.get(path).content.decode()
    assert client.post(path, FIRST | {"name": "Renamed", "password": ""}).status_code == 302
    client.post(second(path), SECOND)
    assert User.objects.get().name == "Renamed"
    assert User.objects.get().check_password(PASSWORD)


def test_whoever_comes_back_behind_the_second_step_is_led_on(client: Client, path: str) -> None:
    walk(client, path)

    for address in (path, second(path)):
        assert client.get(address)["Location"] == "/set-up/engine"
        assert client.post(address, FIRST)["Location"] == "/set-up/engine"


def test_the_second_step_leads_to_the_first_where_that_was_not_taken(client: Client, path: str) -> None:
    assert client.get(second(path))["Location"] == path
    assert client.post(second(path), SECOND)["Location"] == path


def test_the_link_works_once(client: Client, path: str) -> None:
    other = Client()
    other.post(path, FIRST | {"email": "second@example.org"})
    walk(client, path)

    assert other.post(second(path), SECOND).status_code == 404
    assert queries.has_owner()
    assert not User.objects.filter(email="second@example.org").exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_use_it_at_once_one_becomes_the_owner() -> None:
    path = str(actions.create_owner_link())
    clients = [Client() for _ in range(4)]
    for number, client in enumerate(clients):
        client.post(path, FIRST | {"email": f"{number}@example.org"})

    def claim(client: Client) -> int:
        try:
            return client.post(second(path), SECOND).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as threads:
        statuses = sorted(threads.map(claim, clients))

    assert statuses == [302, 404, 404, 404]


def test_a_password_that_is_refused_leaves_the_link(client: Client, path: str) -> None:
    refused = client.post(path, FIRST | {"password": "too short"})

    assert refused.status_code == 400
    assert "at least 15 characters" in refused.content.decode()
    assert walk(client, path).status_code == 302


@pytest.mark.parametrize("wrong", [{"workspace": ""}, {"time_zone": "Atlantis"}, {"language": "tlh"}])
def test_a_workspace_that_cannot_be_leaves_the_link(client: Client, path: str, wrong: dict[str, str]) -> None:
    client.post(path, FIRST)

    assert client.post(second(path), SECOND | wrong).status_code == 400
    assert client.post(second(path), SECOND).status_code == 302


@pytest.mark.parametrize("token", ["", "x", "\0", "é" * 500])
def test_a_made_up_link_opens_nothing(client: Client, path: str, token: str) -> None:
    assert client.get("/set-up", {"token": token}).status_code == 404
    assert client.get("/set-up/workspace", {"token": token}).status_code == 404


def test_a_link_lives_a_day(client: Client, path: str) -> None:
    old = OwnerLink.objects.get()
    OwnerLink.objects.all().delete()
    OwnerLink.objects.create(digest=bytes(old.digest), expires_at="2020-01-01T00:00:00Z")

    assert client.get(path).status_code == 404


def test_a_new_link_ends_the_earlier_one(client: Client, path: str) -> None:
    later = str(actions.create_owner_link())

    assert (client.get(path).status_code, client.get(later).status_code) == (404, 200)


def test_there_is_no_link_once_there_is_an_owner(alice: Person) -> None:
    assert actions.create_owner_link() is None


def test_the_token_is_not_stored(path: str) -> None:
    assert path.rpartition("=")[2].encode() not in bytes(OwnerLink.objects.get().digest)
