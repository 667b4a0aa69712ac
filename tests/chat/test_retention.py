"""The end of a conversation: nothing of it is left, and nothing of another's is touched."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connections
from django.db.models.functions import Now

from compliance.expiry import expire
from tests.cast import Person
from tests.chat.talk import Browser
from workspace.chat import actions, drafts
from workspace.chat.models import Conversation, Draft, Message
from workspace.chat.retention import ConversationEnd
from workspace.common import keys
from workspace.common.contracts import KeyOwner
from workspace.common.errors import NotFound
from workspace.common.models import DataKey
from workspace.common.retention import UNDO
from workspace.common.work import unit
from workspace.runs.models import Run

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "sweep"])


def aged(browser: Browser, conversation: str, **columns: object) -> None:
    """Moves a conversation's times by the database's clock."""
    with unit(browser.person.workspace, browser.person.user.id):
        Conversation.objects.filter(id=conversation).update(**columns)


def left(person: Person) -> tuple[int, int, int, int]:
    """Conversations, messages, runs (of turns and titles) and keys of conversations in a workspace."""
    with unit(person.workspace):
        keys = DataKey.objects.filter(owner_kind="conversation").count()
        return Conversation.objects.count(), Message.objects.count(), Run.objects.count(), keys


def test_an_expired_temporary_conversation_goes_with_everything(transactional_db: None, alice: Person) -> None:
    browser = Browser(alice)
    browser.exchange(browser.conversation())
    temporary = browser.conversation(temporary=True)
    browser.exchange(temporary)
    browser.ask(temporary)
    aged(browser, temporary, expires_at=Now())

    assert browser.call("get", f"/api/conversations/{temporary}").status_code == 404
    assert expire() == 1

    assert left(alice) == (1, 2, 2, 1)
    assert expire() == 0


def test_a_deleted_conversation_is_kept_hidden_for_the_grace(transactional_db: None, alice: Person) -> None:
    browser = Browser(alice)
    earlier, later = browser.conversation(), browser.conversation()
    for conversation in (earlier, later):
        browser.exchange(conversation)
        browser.call("delete", f"/api/conversations/{conversation}")

    assert expire() == 0
    assert browser.get("/api/conversations")["items"] == []
    aged(browser, earlier, deleted_at=Now() - timedelta(days=30))
    assert expire() == 1

    assert left(alice) == (1, 2, 2, 1)


def test_conversations_of_all_workspaces_are_found_in_pages(
    transactional_db: None, alice: Person, charlie: Person
) -> None:
    made = []
    for person in (alice, charlie):
        for _ in range(3):
            made.append(Browser(person).conversation(temporary=True))
            aged(Browser(person), made[-1], expires_at=Now())

    target, found, after = ConversationEnd(), [], None
    while page := target.due(timedelta(days=30), after, 2):
        found += [str(item.id) for item in page]
        after = page[-1].id
    connections["sweep"].close()

    assert found == sorted(made)


def test_a_long_branching_conversation_is_absent_after_its_deletion(transactional_db: None, alice: Person) -> None:
    browser = Browser(alice)
    conversation = browser.conversation()
    for parent in (None, None):
        browser.exchange(conversation, parent=parent)
        browser.exchange(conversation)
    target = ConversationEnd()

    with unit(alice.workspace):
        assert not target.is_absent(UUID(conversation))
        assert target.delete(UUID(conversation)) == 8 + 4 + 2 + 1
        assert not target.is_absent(UUID(conversation)), "its key is still there"
        keys.destroy(KeyOwner.CONVERSATION, UUID(conversation))
        assert target.is_absent(UUID(conversation))


def restore(person: Person, conversation: str) -> None:
    with unit(person.workspace, person.user.id):
        actions.restore_conversation(person.actor, UUID(conversation))


def test_a_deletion_can_be_taken_back_with_everything(transactional_db: None, alice: Person) -> None:
    browser = Browser(alice)
    conversation = browser.conversation(title="Kept")
    browser.exchange(conversation)
    browser.ask(conversation, "Another?")
    browser.call("delete", f"/api/conversations/{conversation}")

    restore(alice, conversation)
    restore(alice, conversation)

    assert browser.get(f"/api/conversations/{conversation}")["title"] == "Kept"
    assert len(browser.texts(conversation)) == 4


def test_the_sweep_leaves_the_time_to_undo_whatever_the_grace_is(
    transactional_db: None, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATRIUM_DELETED_TTL", "0")
    browser = Browser(alice)
    conversation = browser.conversation()
    browser.call("delete", f"/api/conversations/{conversation}")

    assert expire() == 0
    aged(browser, conversation, deleted_at=Now() - timedelta(seconds=30))
    assert expire() == 0
    restore(alice, conversation)
    browser.call("delete", f"/api/conversations/{conversation}")
    aged(browser, conversation, deleted_at=Now() - UNDO)
    assert expire() == 1

    with pytest.raises(NotFound):
        restore(alice, conversation)


def test_nobody_restores_what_is_not_theirs_or_has_expired(transactional_db: None, alice: Person, bob: Person) -> None:
    browser = Browser(alice)
    conversation, temporary = browser.conversation(), browser.conversation(temporary=True)
    for deleted in (conversation, temporary):
        browser.call("delete", f"/api/conversations/{deleted}")
    aged(browser, temporary, expires_at=Now())

    for person, wanted in ((bob, conversation), (alice, temporary)):
        with pytest.raises(NotFound):
            restore(person, wanted)


def test_a_draft_goes_with_its_conversation(transactional_db: None, alice: Person) -> None:
    browser = Browser(alice)
    conversation = browser.conversation()
    with unit(alice.workspace, alice.user.id):
        drafts.keep_draft(alice.actor, UUID(conversation), "not sent")
        assert not ConversationEnd().is_absent(UUID(conversation))
    browser.call("delete", f"/api/conversations/{conversation}")
    aged(browser, conversation, deleted_at=Now() - timedelta(days=30))

    assert expire() == 1

    with unit(alice.workspace):
        assert not Draft.objects.exists()
