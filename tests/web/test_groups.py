"""Chats stand under the time of their last activity, by the person's calendar."""

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone, translation

from workspace.chat.contracts import ConversationView
from workspace.web.groups import grouped, name_of

TODAY = date(2026, 3, 10)


def chat(moment: datetime) -> ConversationView:
    return ConversationView(uuid.uuid4(), "T", False, False, False, None, None, moment, moment, None)


@pytest.mark.parametrize(
    "days, name",
    [
        (-1, "Today"),
        (0, "Today"),
        (1, "Yesterday"),
        (2, "Previous 7 days"),
        (7, "Previous 7 days"),
        (8, "March"),
        (10, "February"),
        (68, "January"),
        (69, "December 2025"),
    ],
)
def test_a_day_has_the_name_that_a_person_gives_it(days: int, name: str) -> None:
    with translation.override("en"):
        assert name_of(TODAY - timedelta(days=days), TODAY) == name


def test_in_japanese_months_have_japanese_names() -> None:
    with translation.override("ja"):
        assert name_of(date(2026, 2, 1), TODAY) == "2月"
        assert name_of(date(2025, 12, 31), TODAY) == "2025年12月"


def test_midnight_is_the_persons() -> None:
    moment = datetime(2026, 3, 9, 20, 0, tzinfo=UTC)  # in Tokyo already the tenth

    for zone, name in (("Asia/Tokyo", "Today"), ("UTC", "Yesterday")):
        with timezone.override(zone), translation.override("en"):
            assert [group.title for group in grouped([chat(moment)], TODAY)] == [name]


def test_groups_keep_the_order_and_lose_no_chat() -> None:
    chats = [chat(datetime(2026, 3, 10, 12, tzinfo=UTC) - timedelta(hours=13 * number)) for number in range(60)]

    groups = grouped(chats, TODAY)

    assert [found for group in groups for found in group.chats] == chats
    assert len({group.title for group in groups}) == len(groups)
