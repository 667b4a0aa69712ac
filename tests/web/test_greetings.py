"""The empty room greets a person by the right name at the right time."""

from datetime import UTC, datetime

import pytest
from django.utils import translation

from workspace.web.greetings import addressed, greeting


@pytest.mark.parametrize(
    "name, in_english, in_japanese",
    [
        ("Mei Tanaka", "Mei", "Tanaka"),
        ("田中 芽衣", "田中 芽衣", "田中"),
        ("田中\u3000芽衣", "田中 芽衣", "田中"),
        ("Mei", "Mei", "Mei"),
        ("Ana María de la Cruz", "Ana", "Cruz"),
        ("  ", "", ""),
    ],
)
def test_a_person_is_addressed_as_their_language_does(name: str, in_english: str, in_japanese: str) -> None:
    assert (addressed(name, "en"), addressed(name, "ja")) == (in_english, in_japanese)


def at(hour: int) -> datetime:
    return datetime(2026, 3, 10, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    "hour, words",
    [
        (0, "Good evening"),
        (3, "Good evening"),
        (4, "Good morning"),
        (10, "Good morning"),
        (11, "Good afternoon"),
        (17, "Good afternoon"),
        (18, "Good evening"),
        (23, "Good evening"),
    ],
)
def test_the_words_follow_the_persons_day(hour: int, words: str) -> None:
    with translation.override("en"):
        assert greeting("Mei", at(hour)) == f"{words}, Mei."
        assert greeting("", at(hour)) == f"{words}."


def test_a_name_cannot_play_with_the_sentence() -> None:
    with translation.override("en"):
        assert greeting("%(name)s %s", at(9)) == "Good morning, %(name)s %s."
