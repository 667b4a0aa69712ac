"""A chat as a page, and the parts of it that a page that is open asks for anew."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from compliance.queries import policy_of
from inference.queries import engines
from workspace.accounts.pages import PageView
from workspace.chat import actions
from workspace.chat.drafts import draft_of
from workspace.chat.models import Conversation, Message
from workspace.chat.queries import conversation_for, conversation_views, message_for
from workspace.chat.threads import NEWEST, Shown, Span, shown, thread
from workspace.common.bodies import Query, queried
from workspace.common.contracts import Surface
from workspace.common.errors import AtriumError, NotFound

MESSAGES: Final = "chat/components/messages.html"
TITLE: Final = "chat/components/title.html"


class ThreadQuery(Query):
    """`before`: a depth, for older messages. `version`: what the page shows already (`Thread.version`), from depth
    `since` on.
    """

    before: int | None = None
    since: int | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """A question that was refused: what was written stands in the composer again, with the reason."""

    text: str
    error: AtriumError


class ThreadView(PageView):
    """What the views of a chat have in common. An error of an action that htmx sent is told beside the composer; the
    unit is taken back all the same.
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Raises:
        AtriumError: what the handler raises, where a whole page was asked for.
        """
        try:
            return super().dispatch(request, *args, **kwargs)
        except AtriumError as error:
            if not self.is_part or request.method != "POST":
                raise
            answer = render(request, "chat/components/problem.html", {"error": error}, status=error.status)
            answer["HX-Retarget"], answer["HX-Reswap"] = "#problem", "innerHTML"
            return answer

    def chat(
        self, row: Conversation, span: Span = NEWEST, *, editing: UUID | None = None, attempt: Attempt | None = None
    ) -> HttpResponse:
        """The whole page of a chat; `editing`: the question that is shown as a form."""
        [view] = conversation_views([row])
        kept = "" if row.is_temporary else draft_of(self.actor, row.id)
        return self.page(
            "chat/conversation.html",
            attempt.error.status if attempt else 200,
            conversation=row,
            view=view,
            thread=thread(row, span),
            editing=editing,
            policy=policy_of(self.actor, temporary=row.is_temporary, surface=Surface(row.surface)),
            engines=engines(),
            text=attempt.text if attempt else kept,
            error=attempt and attempt.error,
            key=uuid4(),
        )

    def changed(self, request: HttpRequest, conversation: UUID) -> HttpResponse:
        """The chat after a form changed it: for htmx the thread from where the page shows it, else the page anew."""
        if not self.is_part:
            return redirect(address(conversation))
        row = conversation_for(self.actor, conversation)
        # htmx sends the depth of the first message that the page shows with every form of a chat.
        return self.part(MESSAGES, conversation=row, thread=thread(row, Span(since=_number(request, "since"))))

    def added(self, request: HttpRequest, conversation: UUID) -> HttpResponse:
        """The same after a question: for htmx the question and its answer alone, if they follow the message that is
        the page's last.
        """
        row = conversation_for(self.actor, conversation)
        newest = thread(row, Span(count=2))
        if self.is_part and request.POST.get("last", "") == str(newest.messages[0].message.parent_id or ""):
            return self.part(MESSAGES, conversation=row, thread=newest, is_added=True)
        answer = self.changed(request, conversation)
        answer["HX-Reswap"] = "innerMorph"
        return answer

    def one(self, row: Conversation, found: Message) -> Shown:
        """A message as its chat shows it."""
        [message] = shown(row.id, [found], leaf=row.active_leaf_id)
        return message


class ConversationPage(ThreadView):
    """A chat."""

    def get(self, request: HttpRequest, conversation: UUID) -> HttpResponse:
        """The page; its history needs no script.

        Raises:
            CapabilityMissing, Invalid, NotFound: see `queries.conversation_for`.
        """
        asked = queried(ThreadQuery, dict(request.GET.lists()))
        return self.chat(conversation_for(self.actor, conversation), Span(asked.before))


class ThreadPart(ThreadView):
    """The thread of a chat, for a page that is open."""

    def get(self, request: HttpRequest, conversation: UUID) -> HttpResponse:
        """The older messages before a depth, or the newest, which come with the chat's title; the title alone where
        the page has their version already.

        Raises:
            CapabilityMissing, Invalid, NotFound: see `queries.conversation_for`.
        """
        asked = queried(ThreadQuery, dict(request.GET.lists()))
        row = conversation_for(self.actor, conversation)
        if asked.before is not None:
            return self.part(MESSAGES, conversation=row, thread=thread(row, Span(asked.before, asked.since)))
        [view] = conversation_views([row])
        # The last message alone tells the version: most who ask have it, and nothing else is opened for them.
        if asked.version == thread(row, Span(count=1)).version:
            return self.part(TITLE, view=view, is_beside=True)
        return self.part(MESSAGES, conversation=row, thread=thread(row, Span(since=asked.since)), view=view)


class MessagePart(ThreadView):
    """One message, for a page that is open."""

    def get(self, request: HttpRequest, message: UUID) -> HttpResponse:
        """The question or answer as it stands now.

        Raises:
            CapabilityMissing, NotFound: see `queries.message_for`.
        """
        found = message_for(self.actor, message)
        row = conversation_for(self.actor, found.conversation_id)
        return self.part("chat/components/message.html", shown=self.one(row, found), conversation=row)


class MessageText(ThreadView):
    """What a message says, as it was written."""

    def get(self, request: HttpRequest, message: UUID) -> HttpResponse:
        """The text as it is copied: the Markdown of an answer.

        Raises:
            CapabilityMissing, NotFound: see `queries.message_for`.
        """
        found = message_for(self.actor, message)
        text = self.one(conversation_for(self.actor, found.conversation_id), found).text
        return HttpResponse(text, content_type="text/plain; charset=utf-8")


class BranchView(ThreadView):
    """From one version of a message to another."""

    def post(self, request: HttpRequest, message: UUID) -> HttpResponse:
        """`to`: the number of the version to show, from 1.

        Raises:
            CapabilityMissing, NotFound: see `queries.message_for`; there is no such version.
        """
        found = message_for(self.actor, message)
        sibling = (_number(request, "to") or 0) - 1
        beside = Message.objects.filter(
            conversation=found.conversation_id, parent=found.parent_id, sibling=sibling
        ).first()
        if beside is None:
            raise NotFound
        actions.switch_branch(self.actor, found.conversation_id, beside.id)
        return self.changed(request, found.conversation_id)


class TitlePart(ThreadView):
    """What a chat is called, for a page that is open."""

    def get(self, request: HttpRequest, conversation: UUID) -> HttpResponse:
        """The title as it stands now.

        Raises:
            CapabilityMissing, NotFound: see `queries.conversation_for`.
        """
        [view] = conversation_views([conversation_for(self.actor, conversation)])
        return self.part(TITLE, view=view)


class RenameView(ThreadView):
    """The title of a chat."""

    def get(self, request: HttpRequest, conversation: UUID) -> HttpResponse:
        """The title as a form.

        Raises:
            CapabilityMissing, NotFound: see `queries.conversation_for`.
        """
        row = conversation_for(self.actor, conversation)
        [view] = conversation_views([row])
        if request.GET.get("part"):
            return self.part("chat/components/rename.html", view=view, is_part=True)
        return self.page("chat/rename.html", view=view)

    def post(self, request: HttpRequest, conversation: UUID) -> HttpResponse:
        """Renames it.

        Raises:
            CapabilityMissing, Invalid, NotFound: see `actions.rename`.
        """
        actions.rename(self.actor, conversation, request.POST.get("title", ""))
        if not self.is_part:
            return redirect(address(conversation))
        [view] = conversation_views([conversation_for(self.actor, conversation)])
        return self.part(TITLE, view=view)


def _number(request: HttpRequest, name: str) -> int | None:
    """A number that a form says; None where it says none."""
    said = request.POST.get(name, "")
    return int(said) if said.isdecimal() and len(said) < 9 else None


def address(conversation: UUID) -> str:
    """Where a chat's page is."""
    return reverse("conversation", args=[conversation])
