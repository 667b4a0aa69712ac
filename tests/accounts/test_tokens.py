"""Access tokens as their person sees them."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from django.test import Client

from tests.cast import Person
from workspace.accounts import tokens
from workspace.accounts.models import AccessToken
from workspace.common.audit import AuditEvent
from workspace.common.errors import Invalid
from workspace.common.work import unit


def only(person: Person) -> AccessToken:
    with unit(person.workspace, person.user.id):
        return AccessToken.objects.get(user_id=person.user.id)


def test_the_own_tokens_are_listed_without_the_revoked(alice: Person, bob: Person) -> None:
    with unit(alice.workspace, alice.user.id):
        actor = alice.actor
        tokens.create_token(actor.user, "old")
        AccessToken.objects.filter(name="old").update(expires_at=Now() - timedelta(days=1))
        tokens.create_token(actor.user, "gone")
        tokens.revoke_tokens_named(actor.user, "gone")
        listed = tokens.tokens_of(actor)

    assert [(token.name, token.is_over) for token in listed] == [("old", True), ("test", False)]  # type: ignore[attr-defined]


def test_who_made_a_token_is_recorded(alice: Person, recorded: list[AuditEvent]) -> None:
    actor = alice.actor
    with unit(alice.workspace, alice.user.id):
        tokens.create_token(actor.user, "mine", scopes=["chat"], days=7, by=actor)

    assert (recorded[-1].action, recorded[-1].actor) == ("token.create", actor)


@pytest.mark.parametrize(
    "wrong",
    [{"scopes": []}, {"scopes": ["all", "more"]}, {"days": 0}, {"days": 367}, {"name": ""}, {"name": "x" * 101}],
)
def test_a_token_that_cannot_be_is_not_made(alice: Person, wrong: dict[str, Any]) -> None:
    with unit(alice.workspace, alice.user.id), pytest.raises(Invalid):
        tokens.create_token(alice.user.id, **{"name": "x", **wrong})


def test_the_last_use_is_noted_once_a_minute(alice: Person) -> None:
    client = Client(headers=alice.headers)
    assert only(alice).last_used_at is None
    client.get("/api/me")
    first = only(alice).last_used_at
    client.get("/api/me")
    assert first is not None
    assert only(alice).last_used_at == first

    with unit(alice.workspace):
        AccessToken.objects.update(last_used_at=Now() - timedelta(seconds=61))
    client.get("/api/me")
    later = only(alice).last_used_at
    assert later is not None
    assert later > first


def test_noting_the_use_costs_a_query_once_a_minute(alice: Person) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client, counts = Client(headers=alice.headers), []
    for _ in range(3):
        with CaptureQueriesContext(connection) as asked:
            client.get("/api/me")
        counts.append(len(asked))

    assert counts == [counts[1] + 1, counts[1], counts[1]]
