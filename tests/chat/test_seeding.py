"""The chats that measurements stand on are chats like any other."""

from uuid import UUID

from django.core.management import call_command

from tests.chat.talk import Browser


def test_seeded_chats_are_listed_and_go_on(browser: Browser) -> None:
    made = call_command("seed", email="alice@example.org", chats=3, messages=6)

    titles = [item["title"].split()[:2] for item in browser.get("/api/conversations")["items"]]
    messages = browser.messages(str(UUID(made)))

    assert titles == [["A", "chat"], ["Chat", "2"], ["Chat", "1"], ["Chat", "0"]]
    assert [message["role"] for message in messages] == ["user", "assistant"] * 3
    assert [message["parent"] for message in messages] == [None, *(message["id"] for message in messages[:-1])]
    assert browser.ask(made)["user_message"]
