"""The description of this room's API: what it shows as examples is what the product takes and gives."""

from typing import Any

import pytest
from django.test import Client

from tests.chat.talk import Browser, Ending, end
from workspace.runs.contracts import State

PREFIXES = ("/api/conversations", "/api/messages", "/api/turns")
SUCCESS = ("200", "201", "202", "204")


@pytest.fixture(scope="module")
def operations() -> list[tuple[str, str, dict[str, Any]]]:
    """Method, address and description of each operation of this room."""
    paths = Client().get("/api/schema").json()["paths"]
    return [
        (method, path, described)
        for path, methods in paths.items()
        if path.startswith(PREFIXES)
        for method, described in methods.items()
    ]


def examples_of(part: dict[str, Any]) -> list[Any]:
    content = part.get("content", {}).get("application/json", {})
    return [example["value"] for example in content.get("examples", {}).values()]


def success_of(described: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    [code] = [code for code in SUCCESS if code in described["responses"]]
    return int(code), described["responses"][code]


def named(value: Any) -> Any:
    return {name: named(item) for name, item in value.items()} if isinstance(value, dict) else None


def stopped(browser: Browser) -> dict[str, str]:
    """Ids for the addresses: a conversation whose only answer was stopped half-way."""
    conversation = browser.conversation()
    asked = browser.ask(conversation)
    end(browser.person, asked["turn"], Ending("Half an", State.STOPPED))
    return {"conversation": conversation, **asked}


def test_every_operation_is_described_with_examples(operations: list[tuple[str, str, dict[str, Any]]]) -> None:
    for method, path, described in operations:
        code, success = success_of(described)
        if code != 204 and not path.endswith("/events"):
            assert examples_of(success), f"{method} {path}"
        if method in {"post", "patch"}:
            assert examples_of(described["requestBody"]), f"{method} {path}"


def test_every_example_runs(operations: list[tuple[str, str, dict[str, Any]]], browser: Browser) -> None:
    for method, path, described in operations:
        if path.endswith("/events"):  # a stream: test_events reads it
            continue
        code, success = success_of(described)
        for body in examples_of(described.get("requestBody", {})) or [None]:
            answer = browser.call(method, path.format(**stopped(browser)), body)

            assert answer.status_code == code, (method, path, answer.content)
            for example in examples_of(success):
                assert named(answer.json()) == named(example), (method, path)


def test_lists_say_what_they_can_be_asked(operations: list[tuple[str, str, dict[str, Any]]]) -> None:
    asked = {
        path: {parameter["name"] for parameter in described.get("parameters", []) if parameter["in"] == "query"}
        for method, path, described in operations
        if method == "get"
    }

    assert asked["/api/conversations"] == {"limit", "cursor", "archived", "pinned"}
    assert asked["/api/conversations/{conversation}/messages"] == {"limit", "cursor", "all"}
