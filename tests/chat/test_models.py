"""What the database refuses, whatever the code does."""

from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError

from tests.cast import Person
from tests.chat.talk import Browser
from workspace.chat.models import Conversation, Message
from workspace.common.work import unit

pytestmark = pytest.mark.django_db(transaction=True)


def copy_message(person: Person, message: str, **columns: object) -> None:
    """Stores another row like this one, but for some columns."""
    with unit(person.workspace):
        row = Message.objects.get(id=message)
        row.pk, row.sequence, row.lane, row.sibling = uuid4(), 99, uuid4(), row.sibling + 1
        for name, value in columns.items():
            setattr(row, name, value)
        row.save(force_insert=True)


def point(person: Person, conversation: str, leaf: str) -> None:
    with unit(person.workspace):
        Conversation.objects.filter(id=conversation).update(active_leaf=UUID(leaf))


@pytest.mark.parametrize("column", ["conversation_id", "parent_id"])
def test_a_message_cannot_point_into_another_workspace(
    transactional_db: None, browser: Browser, charlie: Person, column: str
) -> None:
    asked = browser.exchange(browser.conversation())
    elsewhere = Browser(charlie)
    theirs = elsewhere.conversation()
    target = theirs if column == "conversation_id" else elsewhere.exchange(theirs)["message"]

    with pytest.raises(IntegrityError):
        copy_message(browser.person, asked["message"], **{column: UUID(target)})


def test_an_active_leaf_cannot_be_another_workspaces(browser: Browser, charlie: Person) -> None:
    conversation, elsewhere = browser.conversation(), Browser(charlie)
    theirs = elsewhere.exchange(elsewhere.conversation())["message"]

    with pytest.raises(IntegrityError):
        point(browser.person, conversation, theirs)


@pytest.mark.parametrize(
    "columns", [{"status": "running"}, {"sibling": 0}, {"sequence": 2}], ids=["running", "sibling", "sequence"]
)
def test_a_place_is_taken_once(browser: Browser, columns: dict[str, object]) -> None:
    asked = browser.ask(browser.conversation())

    with pytest.raises(IntegrityError):
        copy_message(browser.person, asked["message"], **columns)


def test_a_colleagues_conversation_is_not_among_ones_own(browser: Browser, bob: Person) -> None:
    browser.conversation(title="Alice's")

    assert Browser(bob).get("/api/conversations")["items"] == []
