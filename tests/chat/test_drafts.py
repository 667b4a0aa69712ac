"""What was written and not sent: there on every device, nobody else's, sealed, and gone when its time is over."""

from datetime import timedelta
from uuid import UUID

import psycopg
import pytest
from django.db import connections
from django.db.models.functions import Now

from compliance.expiry import expire
from tests.cast import Person
from tests.chat.talk import Browser
from workspace.chat import drafts
from workspace.chat.models import Draft
from workspace.common.errors import Conflict, NotFound, TooLarge
from workspace.common.work import unit

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "sweep"])


def keep(person: Person, conversation: str | None, text: str) -> None:
    with unit(person.workspace, person.user.id):
        drafts.keep_draft(person.actor, UUID(conversation) if conversation else None, text)


def kept(person: Person, conversation: str | None) -> str:
    with unit(person.workspace, person.user.id):
        return drafts.draft_of(person.actor, UUID(conversation) if conversation else None)


def count(person: Person) -> int:
    with unit(person.workspace):
        return Draft.objects.count()


def test_each_chat_and_the_new_one_has_a_draft_of_its_own(browser: Browser, alice: Person) -> None:
    first, second = browser.conversation(), browser.conversation()

    keep(alice, first, "to the first\n日本語 🗾")
    keep(alice, second, "to the second")
    keep(alice, None, "to nobody yet")
    keep(alice, first, "to the first, longer\n日本語 🗾")

    assert kept(alice, first) == "to the first, longer\n日本語 🗾"
    assert (kept(alice, second), kept(alice, None)) == ("to the second", "to nobody yet")
    assert count(alice) == 3


def test_blank_text_and_sending_leave_no_row(browser: Browser, alice: Person) -> None:
    conversation = browser.conversation()
    keep(alice, conversation, "words")
    keep(alice, conversation, " \n ")
    keep(alice, None, "words")
    with unit(alice.workspace, alice.user.id):
        drafts.drop_draft(alice.actor, None)

    assert (kept(alice, conversation), kept(alice, None), count(alice)) == ("", "", 0)


def test_a_colleague_has_drafts_of_their_own_and_none_in_my_chats(alice: Person, bob: Person) -> None:
    conversation = Browser(alice).conversation()
    keep(alice, conversation, "mine")
    keep(alice, None, "mine too")

    assert kept(bob, None) == ""
    assert kept(bob, conversation) == ""
    with pytest.raises(NotFound):
        keep(bob, conversation, "theirs")


def test_a_temporary_chat_keeps_no_draft(browser: Browser, alice: Person) -> None:
    conversation = browser.conversation(temporary=True)

    with pytest.raises(Conflict):
        keep(alice, conversation, "forget me")

    assert count(alice) == 0


def test_a_draft_is_as_long_as_a_message_and_no_longer(alice: Person) -> None:
    keep(alice, None, "字" * 200_000)

    with pytest.raises(TooLarge):
        keep(alice, None, "字" * 200_001)

    assert len(kept(alice, None)) == 200_000


def test_the_database_holds_no_word_of_it(alice: Person, database_url: str) -> None:
    keep(alice, None, "unmistakable words")

    with psycopg.connect(database_url) as superuser:
        row = superuser.execute("select text from chat_draft").fetchone()

    assert row
    assert b"unmistakable" not in row[0]


def test_a_draft_that_nobody_touched_for_thirty_days_goes(alice: Person, charlie: Person) -> None:
    for person in (alice, charlie):
        keep(person, None, "words")
    with unit(alice.workspace):
        Draft.objects.update(updated_at=Now() - timedelta(days=30, seconds=1))

    assert expire() == 1
    connections["sweep"].close()

    assert (count(alice), count(charlie)) == (0, 1)
