"""Pages of the shell: the empty room, all chats, and the parts that pages ask for anew."""

from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language

from compliance.queries import policy_of
from inference.queries import engines
from workspace.accounts.pages import PageView
from workspace.accounts.permissions import Capability, require
from workspace.chat import lists
from workspace.chat.drafts import draft_of
from workspace.chat.lists import ConversationFilter
from workspace.common.bodies import Query, queried
from workspace.common.pagination import PageQuery
from workspace.web import queries, sidebar
from workspace.web.greetings import addressed, greeting
from workspace.web.starters import STARTERS, begun


class HomeQuery(Query):
    """Which empty room, and with which words in the composer."""

    temporary: bool = False
    start: str = ""


class ChatsQuery(PageQuery):
    """Which chats, and where in the list."""

    archived: bool = False


class HomeView(PageView):
    """The empty room."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """A composer, and ways to begin. In the temporary room nothing is kept, so it has no draft.

        Raises:
            CapabilityMissing: the person may not chat.
            Invalid: the query string is none of this page's.
        """
        require(self.actor, Capability.CHAT)
        asked = queried(HomeQuery, dict(request.GET.lists()))
        name = addressed(self.person.name, get_language() or "")
        return self.page(
            "web/home.html",
            is_temporary=asked.temporary,
            policy=policy_of(self.actor, temporary=asked.temporary),
            engines=engines(),
            greeting=greeting(name, timezone.localtime()),
            text=begun(asked.start, "" if asked.temporary else draft_of(self.actor, None)),
            starters=STARTERS,
            key=uuid4(),
        )


class ChatsView(PageView):
    """All chats, or the archived ones."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """A page of them, newest activity first; for a page that is open its list alone.

        Raises:
            CapabilityMissing: the person may not chat.
            Invalid: the query string is none of this page's.
        """
        asked = queried(ChatsQuery, dict(request.GET.lists()))
        found = lists.conversation_page(self.actor, ConversationFilter(is_archived=asked.archived), asked)
        known: dict[str, Any] = {"chats": found, "is_archive": asked.archived, "is_first": asked.cursor is None}
        if self.is_part:
            return self.part("web/components/chat_list.html", **known)
        return self.page("web/chats.html", **known)


class SidebarView(PageView):
    """The chats of the sidebar, for a page that is open while they change."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The part alone.

        Raises:
            CapabilityMissing: the person may not chat.
        """
        return self.part("web/components/chat_groups.html", here=sidebar.here(request), **sidebar.chats(self.actor))


class PaletteView(PageView):
    """The chats that the palette finds. It looks through them in the page: what is typed leaves it never."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The part alone.

        Raises:
            CapabilityMissing: the person may not chat.
        """
        return self.part("web/components/palette_chats.html", chats=queries.findable(self.actor))
