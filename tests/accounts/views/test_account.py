"""The page of one's own account, and the change of the password."""

import pytest
from django.test import Client

from tests.accounts.views.conftest import Entered
from tests.cast import PASSWORD, Person
from workspace.accounts.models import BrowserSession, User
from workspace.common.audit import AuditEvent

NEW = "another long pass phrase"
PROFILE = {"name": "Alice Ö.", "language": "ja", "time_zone": "tokyo", "theme": "dark"}


def person(of: Person) -> User:
    return User.objects.get(id=of.user.id)


def test_the_page_shows_what_is_there(entered: Entered, alice: Person) -> None:
    page = entered(alice).get("/account").content.decode()

    assert 'value="alice"' in page
    assert "alice@example.org" in page
    assert '<option value="Asia/Tokyo">' in page


def test_a_profile_is_kept_and_the_next_page_follows_it(entered: Entered, alice: Person) -> None:
    client = entered(alice)
    answer = client.post("/account", PROFILE)

    assert (answer.status_code, answer["Location"]) == (302, "/account")
    kept = person(alice)
    assert (kept.name, kept.language, kept.time_zone, kept.theme) == ("Alice Ö.", "ja", "Asia/Tokyo", "dark")
    assert '<html lang="ja" data-theme="dark">' in client.get("/account").content.decode()
    client.post("/sign-out")
    assert '<html lang="ja" data-theme="dark">' in client.get("/sign-in").content.decode()


@pytest.mark.parametrize(
    "wrong",
    [{"time_zone": "Atlantis"}, {"language": "xx"}, {"theme": "neon"}, {"name": "x" * 151}, {"name": "a\0b"}],
)
def test_what_cannot_be_is_told_beside_its_field_and_nothing_is_kept(
    entered: Entered, alice: Person, wrong: dict[str, str]
) -> None:
    answer = entered(alice).post("/account", PROFILE | wrong)

    assert answer.status_code == 400
    assert f'id="id_{next(iter(wrong))}_error"' in answer.content.decode()
    assert (person(alice).name, person(alice).theme) == ("alice", "system")


def test_the_password_changes_and_all_other_browsers_are_signed_out(
    entered: Entered, alice: Person, recorded: list[AuditEvent]
) -> None:
    here, there = entered(alice), entered(alice)
    for client in (here, there):
        client.get("/account")
    key = here.session.session_key

    answer = here.post("/account/password", {"current": PASSWORD, "new": NEW}, follow=True)

    assert "Your password is changed. 1 other browser was signed out." in answer.content.decode()
    assert [client.get("/api/me").status_code for client in (here, there)] == [200, 401]
    assert person(alice).check_password(NEW)
    assert [(event.action, event.details) for event in recorded if event.actor] == [
        ("password.change", {"sessions": 1})
    ]
    assert here.session.session_key != key
    assert BrowserSession.objects.get().session_id == here.session.session_key


def test_access_tokens_outlive_a_change_of_the_password(entered: Entered, alice: Person) -> None:
    entered(alice).post("/account/password", {"current": PASSWORD, "new": NEW})

    assert Client(headers=alice.headers).get("/api/me").status_code == 200


@pytest.mark.parametrize(
    "said, field, words",
    [
        ({"current": "wrong", "new": NEW}, "current", "This is not your present password."),
        ({"current": PASSWORD, "new": "short"}, "new", "at least 15 characters"),
        ({"current": PASSWORD, "new": "passwordpassword"}, "new", "too common"),
        ({"current": PASSWORD, "new": ""}, "new", "required"),
    ],
)
def test_a_password_that_is_not_taken_stays_as_it_is(
    entered: Entered, alice: Person, said: dict[str, str], field: str, words: str
) -> None:
    here, there = entered(alice), entered(alice)
    there.get("/account")
    answer = here.post("/account/password", said)

    assert answer.status_code == 400
    assert f'id="id_{field}_error"' in answer.content.decode()
    assert words in answer.content.decode()
    assert person(alice).check_password(PASSWORD)
    assert there.get("/api/me").status_code == 200


def test_guessing_the_present_password_is_slowed_down(entered: Entered, alice: Person) -> None:
    client = entered(alice)
    for _ in range(5):
        client.post("/account/password", {"current": "wrong", "new": NEW})

    assert client.post("/account/password", {"current": PASSWORD, "new": NEW}).status_code == 429
    assert person(alice).check_password(PASSWORD)
