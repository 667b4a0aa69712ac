"""The third step of the first set-up: a question to the engine, answered before one's eyes."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from inference.queries import engines
from workspace.accounts.pages import PageView
from workspace.accounts.permissions import Capability, require
from workspace.chat import actions, turns
from workspace.chat.contracts import Question
from workspace.chat.queries import conversation_for
from workspace.chat.threads import thread
from workspace.common.bodies import Query, queried
from workspace.common.errors import NotFound


class TrialQuery(Query):
    """`chat`: the temporary chat of a question that was asked already."""

    chat: UUID | None = None


class SetUpEngineView(PageView):
    """Whoever manages the workspace asks; the chat is a temporary one, and nothing else is special about it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The question, or its answer as it is written.

        Raises:
            CapabilityMissing: the actor does not manage the workspace.
            Invalid: the query string is none of this page's.
        """
        require(self.actor, Capability.MANAGE_WORKSPACE)
        asked = queried(TrialQuery, dict(request.GET.lists()))
        return self.part("web/set_up_engine.html", engines=engines(), **self._trial(asked.chat))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Asks.

        Raises:
            CapabilityMissing: the actor does not manage the workspace.
            TooLarge: see `turns.send`.
        """
        require(self.actor, Capability.MANAGE_WORKSPACE)
        text = request.POST.get("text", "").strip() or gettext("What is an atrium?")
        row = actions.create_conversation(self.actor, is_temporary=True)
        turns.send(self.actor, row.id, Question(text))
        return redirect(reverse("set_up_engine", query={"chat": str(row.id)}))

    def _trial(self, chat: UUID | None) -> dict[str, Any]:
        """The chat, while it is there: a temporary one ends, and the page goes on."""
        try:
            row = conversation_for(self.actor, chat) if chat else None
        except NotFound:
            row = None
        return {"conversation": row, "thread": thread(row)} if row else {}
