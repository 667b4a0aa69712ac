"""Chats by the time of their last activity, as the person's calendar has it."""

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import groupby

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from workspace.chat.contracts import ConversationView
from workspace.web.contracts import Group


def grouped(chats: Iterable[ConversationView], today: date) -> list[Group]:
    """Today, yesterday, the seven days before, then month by month, in the current time zone. Newest first."""

    def name(chat: ConversationView) -> str:
        return name_of(timezone.localtime(chat.updated_at).date(), today)

    return [Group(title, list(found)) for title, found in groupby(chats, key=name)]


def name_of(day: date, today: date) -> str:
    """What a list calls the time of a day."""
    if day >= today:
        return gettext("Today")
    if day == today - timedelta(days=1):
        return gettext("Yesterday")
    if day >= today - timedelta(days=7):
        return gettext("Previous 7 days")
    return date_format(day, "F" if day.year == today.year else "YEAR_MONTH_FORMAT")
