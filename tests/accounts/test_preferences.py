"""A person's choice follows them from browser to browser, and a visitor's stays in the browser."""

from typing import Any

import pytest
from django.db import OperationalError
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from tests.cast import Person
from workspace.accounts import preferences
from workspace.accounts.models import User
from workspace.accounts.preferences import Preferences
from workspace.accounts.views.preferences import way_back

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
PAGE = {"Accept": "text/html"}


@pytest.fixture
def signed_in(client: Client, alice: Person) -> Client:
    client.force_login(alice.user, backend=BACKEND)
    return client


def choose(client: Client, **chosen: str) -> Any:
    return client.post("/preferences", chosen)


def test_a_person_finds_their_choice_in_another_browser(signed_in: Client, alice: Person) -> None:
    answer = choose(signed_in, language="ja", theme="dark", time_zone="Asia/Tokyo")

    assert (answer.status_code, answer["Location"]) == (302, "/")
    other = Client()
    other.force_login(alice.user, backend=BACKEND)
    page = other.get("/nowhere", headers=PAGE)
    assert '<html lang="ja" data-theme="dark">' in page.content.decode()
    assert page["Content-Language"] == "ja"
    assert str(timezone.get_current_timezone()) == "Asia/Tokyo"


def test_what_is_not_sent_stays(signed_in: Client, alice: Person) -> None:
    choose(signed_in, language="ja", theme="dark", time_zone="Asia/Tokyo")
    choose(signed_in, theme="light")
    choose(signed_in, language="")
    choose(signed_in, theme="")

    person = User.objects.get(id=alice.user.id)
    assert (person.language, person.theme, person.time_zone) == ("", "light", "Asia/Tokyo")


def test_a_visitors_choice_stays_in_the_browser(client: Client, db: None) -> None:
    choose(client, language="ja", theme="dark")

    assert '<html lang="ja" data-theme="dark">' in client.get("/sign-in").content.decode()
    assert '<html lang="en">' in Client().get("/sign-in").content.decode()
    for cookie in (client.cookies["atrium_language"], client.cookies["atrium_theme"]):
        assert (cookie["samesite"], cookie["httponly"], cookie["path"]) == ("Lax", True, "/")


def test_without_a_choice_the_browsers_language_counts(signed_in: Client, db: None) -> None:
    for asked in (Client(), signed_in):
        page = asked.get("/nowhere", headers=PAGE | {"Accept-Language": "ja,en;q=0.5"})
        assert '<html lang="ja">' in page.content.decode()


@pytest.mark.parametrize("wrong", [{"language": "xx"}, {"theme": "neon"}, {"time_zone": "Atlantis/Capital"}])
def test_what_there_is_not_is_refused(signed_in: Client, wrong: dict[str, str], alice: Person) -> None:
    assert choose(signed_in, **wrong).status_code == 400

    person = User.objects.get(id=alice.user.id)
    assert (person.language, person.theme, person.time_zone) == ("", "system", "")


def test_a_cookie_that_somebody_made_up_is_not_followed(client: Client, db: None) -> None:
    client.cookies["atrium_theme"] = 'dark"onload="x'
    client.cookies["atrium_language"] = "<b>"

    assert '<html lang="en">' in client.get("/sign-in").content.decode()


@pytest.mark.parametrize("headers", [{"HX-Request": "true"}, {"Sec-Fetch-Mode": "cors"}])
def test_a_script_is_sent_nowhere(client: Client, db: None, headers: dict[str, str]) -> None:
    answer = client.post("/preferences", {"theme": "dark"}, headers=headers)

    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.cookies["atrium_theme"].value == "dark"


def test_a_form_without_its_token_changes_nothing(alice: Person) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice.user, backend=BACKEND)

    assert choose(client, theme="dark").status_code == 403


def test_nobody_is_led_back_to_an_address_that_takes_forms_alone(client: Client, db: None) -> None:
    chat = "00000000-0000-4000-8000-000000000000"
    for path, back in ((f"/chats/{chat}/pin", "/"), (f"/chats/{chat}", f"/chats/{chat}"), ("/no/such", "/no/such")):
        assert client.post("/preferences", {"next": path, "language": "ja"})["Location"] == back


@pytest.mark.parametrize(
    "referer, target, back",
    [
        ("http://testserver/account?x=1", "", "/account?x=1"),
        ("http://testserver/account", "/members", "/members"),
        ("http://elsewhere.example/account", "", "/"),
        ("http://testserver//elsewhere.example", "", "/"),
        ("", "https://elsewhere.example/", "/"),
        ("", "//elsewhere.example", "/"),
        ("", "/\\elsewhere.example", "/"),
        ("", "javascript:alert(1)", "/"),
        ("", "account", "/"),
    ],
)
def test_the_way_back_stays_on_this_site(client: Client, db: None, referer: str, target: str, back: str) -> None:
    answer = client.post("/preferences", {"next": target}, headers={"Referer": referer})

    assert answer["Location"] == back


@given(target=st.text(st.characters(max_codepoint=127)), referer=st.text(st.characters(max_codepoint=127)))
def test_no_text_at_all_leads_away(target: str, referer: str) -> None:
    request = RequestFactory().post("/preferences", {"next": target}, headers={"Referer": referer})

    assert way_back(request).startswith("/")
    assert not way_back(request).startswith(("//", "/\\"))


@given(name=st.text())
def test_any_stored_name_gives_a_time_zone(name: str) -> None:
    assert preferences.zone(name).key in {"UTC", name}


def test_following_asks_the_database_nothing_of_its_own(
    signed_in: Client, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    signed_in.get("/api/me")
    with CaptureQueriesContext(connection) as with_preferences:
        signed_in.get("/api/me")
    monkeypatch.setattr("workspace.accounts.middleware.preferences_of", lambda request: Preferences())
    with CaptureQueriesContext(connection) as without:
        signed_in.get("/api/me")

    assert len(with_preferences) == len(without)


def test_a_visitor_costs_no_query(client: Client, django_assert_num_queries: Any, db: None) -> None:
    with django_assert_num_queries(0):
        client.get("/nowhere")


def test_while_the_database_is_away_everybody_is_a_visitor(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(request: HttpRequest) -> Any:
        raise OperationalError

    monkeypatch.setattr(HttpRequest, "user", property(away), raising=False)
    request = HttpRequest()
    request.COOKIES = {"atrium_session": "x", "atrium_theme": "dark"}

    assert preferences.preferences_of(request) == Preferences(theme="dark")


async def test_a_coroutine_is_given_them_too(rf: RequestFactory, transactional_db: None) -> None:
    from workspace.accounts.middleware import preferences_followed

    async def view(request: Any) -> tuple[Any, str]:
        return request.preferences, translation.get_language()

    request: Any = rf.get("/", headers={"Cookie": "atrium_theme=dark"})
    with translation.override("ja"):
        assert await preferences_followed(view)(request) == (Preferences(theme="dark"), "ja")
