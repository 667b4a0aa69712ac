"""Forms that begin, end or go on with an answer."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django_htmx.http import HttpResponseClientRedirect
from rest_framework.response import Response

from workspace.chat import actions, turns
from workspace.chat.contracts import Question
from workspace.chat.drafts import drop_draft
from workspace.chat.errors import refused
from workspace.chat.models import Message
from workspace.chat.queries import conversation_for, message_for
from workspace.chat.threads import Span
from workspace.chat.views.threads import Attempt, ThreadView, address
from workspace.common import idempotency
from workspace.common.contracts import Actor
from workspace.common.errors import AtriumError
from workspace.common.idempotency import Asked


class NewChatView(ThreadView):
    """The composer of the empty room."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Begins a chat with its first question, and leads there; nothing is left where the question is refused.

        Raises:
            CapabilityMissing, Invalid, TooLarge: see `turns.send`.
        """
        made = once(self.actor, request, lambda: self._begun(request))
        chat = address(UUID(made["conversation"]))
        return HttpResponseClientRedirect(chat) if self.is_part else redirect(chat)

    def _begun(self, request: HttpRequest) -> dict[str, Any]:
        row = actions.create_conversation(self.actor, is_temporary=request.POST.get("temporary") == "1")
        turns.send(self.actor, row.id, Question(written(request)))
        if not row.is_temporary:
            drop_draft(self.actor, None)
        return {"conversation": str(row.id)}


class AskView(ThreadView):
    """The composer of a chat."""

    def post(self, request: HttpRequest, conversation: UUID) -> HttpResponse:
        """Sends a question behind the newest answer. Where it is refused, the page holds what was written.

        Raises:
            CapabilityMissing, NotFound: see `queries.conversation_for`.
            Invalid, TooLarge, TurnRunning: see `turns.send`; only to htmx, whose page has it still.
        """
        try:
            with transaction.atomic():
                once(self.actor, request, lambda: self._sent(request, conversation))
        except AtriumError as error:
            if self.is_part:
                raise
            row = conversation_for(self.actor, conversation)
            return self.chat(row, attempt=Attempt(written(request), error))
        return self.added(request, conversation)

    def _sent(self, request: HttpRequest, conversation: UUID) -> dict[str, Any]:
        started = turns.send(self.actor, conversation, Question(written(request)))
        drop_draft(self.actor, conversation)
        return {"turn": str(started.turn)}


class EditView(ThreadView):
    """A question put another way: a branch beside it."""

    def get(self, request: HttpRequest, message: UUID) -> HttpResponse:
        """The question as a form, in its chat.

        Raises:
            CapabilityMissing, NotFound: see `queries.message_for`.
            Invalid: the message is an answer.
        """
        found = _question(self.actor, message)
        row = conversation_for(self.actor, found.conversation_id)
        if request.GET.get("part"):
            return self.part("chat/components/edit.html", shown=self.one(row, found), conversation=row, key=uuid4())
        return self.chat(row, Span(before=found.depth + 2), editing=found.id)

    def post(self, request: HttpRequest, message: UUID) -> HttpResponse:
        """Asks again from where the question stood; what followed it stays on its own branch.

        Raises:
            CapabilityMissing, Invalid, NotFound, TooLarge, TurnRunning: see `turns.send`.
        """
        found = _question(self.actor, message)
        question = Question(written(request), is_at_leaf=False, parent=found.parent_id)
        once(self.actor, request, lambda: {"turn": str(turns.send(self.actor, found.conversation_id, question).turn)})
        return self.changed(request, found.conversation_id)


class RegenerateView(ThreadView):
    """Another answer beside this one."""

    def post(self, request: HttpRequest, message: UUID) -> HttpResponse:
        """Raises:
        CapabilityMissing, Invalid, NotFound, TurnRunning: see `turns.regenerate`.
        """
        found = message_for(self.actor, message)
        turns.regenerate(self.actor, message)
        return self.changed(request, found.conversation_id)


class StopView(ThreadView):
    """The end of an answer before its time."""

    def post(self, request: HttpRequest, turn: UUID) -> HttpResponse:
        """The page hears of the end by the turn's events.

        Raises:
            CapabilityMissing, NotFound: see `turns.stop`.
        """
        turns.stop(self.actor, turn)
        if self.is_part:
            return HttpResponse(status=204)
        return redirect(address(turns.turn_for(self.actor, turn).conversation_id))


class ContinueView(ThreadView):
    """The rest of an answer."""

    def post(self, request: HttpRequest, turn: UUID) -> HttpResponse:
        """Raises:
        CapabilityMissing, NotContinuable, NotFound, TurnRunning: see `turns.continue_turn`.
        """
        turns.continue_turn(self.actor, turn)
        return self.changed(request, turns.turn_for(self.actor, turn).conversation_id)


def _question(actor: Actor, message: UUID) -> Message:
    found = message_for(actor, message)
    if found.role != Message.Role.USER:
        raise refused("", "not_a_question", "Only a question can be edited.")
    return found


def written(request: HttpRequest) -> str:
    """What a person wrote; a browser sends each line end as two characters."""
    return request.POST.get("text", "").replace("\r\n", "\n")


def once(actor: Actor, request: HttpRequest, act: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What the form does, done once however often it is sent: each form has a key of its own, as API callers do.

    Raises:
        Invalid, IdempotencyConflict: see `idempotency.once`.
    """
    body = {name: request.POST[name] for name in ("text", "temporary") if name in request.POST}
    asked = Asked(actor, request.POST.get("key", ""), request.path, body)
    made: dict[str, Any] = idempotency.once(asked, lambda: Response(act())).data
    return made
