"""A new password by a link that was sent."""

from typing import Any

import pytest
import time_machine
from allauth.account.forms import default_token_generator
from django.contrib.auth import authenticate
from django.core import mail
from django.core.cache import cache
from django.test import Client

from tests.cast import PASSWORD, Person
from workspace.accounts import members, resets, tasks
from workspace.accounts.errors import CredentialRefused
from workspace.accounts.models import BrowserSession, User
from workspace.common.audit import AuditEvent
from workspace.common.jobs import Given
from workspace.common.models import Job
from workspace.common.work import unit

NOW = 1_800_000_000
NEW = "a quiet room with a north window"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_counters() -> None:
    cache.clear()


def link_sent_to(person: Person) -> str:
    tasks.mail_reset(Given(person.workspace, person.user.id, 1))
    [line] = [line for line in str(mail.outbox[-1].body).splitlines() if line.startswith("http")]
    return line.partition("/password")[1] + line.partition("/password")[2]


def choose(client: Client, link: str, password: str = NEW) -> Any:
    opened = client.get(link)
    if opened.status_code != 302:
        return opened
    return client.post(opened["Location"], {"password": password})


def asked(workspace: Person) -> list[str]:
    with unit(workspace.workspace):
        return list(Job.objects.values_list("name", flat=True))


def test_the_answer_is_the_same_whether_or_not_there_is_such_a_person(client: Client, alice: Person) -> None:
    answers = []
    for email in (alice.user.email, "nobody@example.org"):
        answer = client.post("/password/reset", {"email": email})
        page = client.get(answer["Location"]).content.decode()
        answers.append((answer.status_code, answer["Location"], page.partition("<main")[2].partition("</main>")[0]))

    assert answers[0] == answers[1]
    assert mail.outbox == []  # the answer waits for no mail: another process writes it
    assert asked(alice) == ["accounts.mail_reset"]


def test_the_link_gives_another_password_and_ends_every_session(
    client: Client, alice: Person, recorded: list[AuditEvent]
) -> None:
    elsewhere = Client()
    elsewhere.post("/sign-in", {"login": alice.user.email, "password": PASSWORD})

    done = choose(client, link_sent_to(alice))

    assert (done.status_code, done["Location"]) == (302, "/sign-in")
    assert "Your password is changed" in client.get("/sign-in").content.decode()
    assert elsewhere.get("/api/me").status_code == 401
    assert not BrowserSession.objects.filter(user=alice.user).exists()
    assert authenticate(None, email=alice.user.email, password=NEW) == alice.user
    assert authenticate(None, email=alice.user.email, password=PASSWORD) is None
    assert recorded[-1].action == "password.reset"


def test_open_streams_hear_of_it(client: Client, alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    from workspace.common import revocation

    Client().post("/sign-in", {"login": alice.user.email, "password": PASSWORD})
    session = BrowserSession.objects.filter(user=alice.user).values_list("id", flat=True)
    ended = list(session)
    said: list[Any] = []
    monkeypatch.setattr(revocation, "_handlers", [said.append])

    resets.choose_new(alice.user, NEW)

    assert said == ended


def test_the_link_works_once(client: Client, alice: Person) -> None:
    link = link_sent_to(alice)
    choose(client, link)

    again = choose(Client(), link, "another room with a south window")

    assert "This link does not work any more" in again.content.decode()
    assert authenticate(None, email=alice.user.email, password=NEW) == alice.user


def test_of_two_who_use_the_link_at_the_same_moment_the_second_is_refused(alice: Person) -> None:
    """Both were let in by the link before either had chosen."""
    one, other = User.objects.get(id=alice.user.id), User.objects.get(id=alice.user.id)
    resets.choose_new(one, "seven quiet rooms around a court")

    with pytest.raises(CredentialRefused):
        resets.choose_new(other, "nine loud halls beside a street")

    assert User.objects.get(id=alice.user.id).check_password("seven quiet rooms around a court")


def test_the_link_works_for_an_hour(client: Client, alice: Person) -> None:
    with time_machine.travel(NOW, tick=False):
        link = link_sent_to(alice)
    with time_machine.travel(NOW + 3599, tick=False):
        assert default_token_generator.check_token(alice.user, link.rpartition("/")[2])
    with time_machine.travel(NOW + 3601, tick=False):
        assert not default_token_generator.check_token(alice.user, link.rpartition("/")[2])


@pytest.mark.parametrize("key", ["x-y", "set-password", "é"])
def test_a_made_up_link_says_what_to_do(client: Client, alice: Person, key: str) -> None:
    page = client.get(f"/password/reset/{alice.user.id.hex}/{key}").content.decode()

    assert "Send a new link" in page


def test_a_weak_password_is_refused_and_leaves_the_link(client: Client, alice: Person) -> None:
    link = link_sent_to(alice)

    refused = choose(client, link, "too short")

    assert "at least 15 characters" in refused.content.decode()
    assert choose(client, link).status_code == 302


@pytest.mark.parametrize("host", ["evil.example", "localhost:1"])
def test_the_link_leads_to_the_public_address_whatever_the_request_said(alice: Person, host: str) -> None:
    Client(headers={"Host": host, "X-Forwarded-Host": host}).post("/password/reset", {"email": alice.user.email})
    link_sent_to(alice)

    assert "http://localhost:8000/password/reset/" in str(mail.outbox[0].body)
    assert "evil" not in str(mail.outbox[0].body)


def test_whoever_was_shut_out_gets_no_link(client: Client, alice: Person, bob: Person) -> None:
    with unit(alice.workspace, alice.user.id):
        members.deactivate_member(alice.actor, bob.user.id)

    client.post("/password/reset", {"email": bob.user.email})
    tasks.mail_reset(Given(bob.workspace, bob.user.id, 1))

    assert (asked(alice), mail.outbox) == ([], [])


def test_asking_again_and_again_is_slowed_down(client: Client, alice: Person) -> None:
    statuses = [client.post("/password/reset", {"email": alice.user.email}).status_code for _ in range(8)]

    assert statuses[-1] == 429
    page = client.post("/password/reset", {"email": alice.user.email}, headers={"Accept": "text/html"})
    assert "Wait a few minutes, then try again." in page.content.decode()
