"""REST: conversations, messages and turns. A turn's events are `events`."""

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from workspace.chat import actions, examples, lists, queries, turns
from workspace.chat.lists import ConversationFilter
from workspace.chat.serializers import (
    AcceptedAnswer,
    AcceptedTurn,
    ContinuedTurn,
    ConversationChange,
    ConversationQuery,
    ConversationShown,
    ConversationsPage,
    MessageQuery,
    MessageShown,
    MessagesPage,
    NewConversation,
    NewTurn,
    Nothing,
    ReceiptShown,
    TurnShown,
)
from workspace.common.api import WorkView, answer
from workspace.common.bodies import Body
from workspace.common.errors import Invalid, NotFound
from workspace.common.openapi import parameters_of

B = TypeVar("B", bound=Body)


class ChatView(WorkView):
    """The base of views about one object."""

    def body_about(self, model: type[B], find: Callable[[], object]) -> B:
        """The request's body. What is wrong with it is told to nobody but the owner of what `find` looks for.

        Raises:
            Invalid, InvalidJson, TooLarge: see `bodies`.
            NotFound: there is no such object, or it is somebody else's.
        """
        try:
            return self.body(model)
        except Invalid:
            find()
            raise

    def shown(self, conversation: UUID) -> ConversationShown:
        """One of the actor's conversations.

        Raises:
            NotFound: there is none, or it is somebody else's.
        """
        [view] = queries.conversation_views([queries.conversation_for(self.actor, conversation)])
        return ConversationShown.of(view)


class ConversationsView(WorkView):
    """The actor's conversations."""

    @extend_schema(
        operation_id="list_conversations",
        parameters=parameters_of(ConversationQuery),
        responses=ConversationsPage,
        examples=[examples.told("A page", {"items": [examples.CONVERSATION], "next_cursor": None})],
    )
    def get(self, request: Request) -> Response:
        """Newest activity first; temporary ones are in no list."""
        asked = self.query(ConversationQuery)
        page = lists.conversation_page(self.actor, ConversationFilter(asked.archived, asked.pinned), asked)
        return answer(page.body(lambda view: ConversationShown.of(view).model_dump(mode="json")))

    @extend_schema(
        operation_id="create_conversation",
        request=NewConversation,
        responses={201: ConversationShown},
        examples=[
            examples.asked("With a title", {"title": "Plan the offsite"}),
            examples.asked("Temporary", {"temporary": True}),
            examples.told("A conversation", examples.CONVERSATION, 201),
        ],
    )
    def post(self, request: Request) -> Response:
        """Begins a conversation."""
        wanted = self.body(NewConversation)
        made = actions.create_conversation(
            self.actor, title=wanted.title or "", is_temporary=wanted.temporary, model=wanted.model or ""
        )
        [view] = queries.conversation_views([made])
        return answer(ConversationShown.of(view), 201)


class ConversationView(ChatView):
    """One conversation."""

    @extend_schema(
        operation_id="get_conversation",
        responses=ConversationShown,
        examples=[examples.told("A conversation", examples.CONVERSATION)],
    )
    def get(self, request: Request, conversation: UUID) -> Response:
        """The conversation."""
        return answer(self.shown(conversation))

    @extend_schema(
        operation_id="change_conversation",
        request=ConversationChange,
        responses=ConversationShown,
        examples=[
            examples.asked("Rename and pin", {"title": "Offsite in Kyoto", "pinned": True}),
            examples.told("A conversation", examples.CONVERSATION),
        ],
    )
    def patch(self, request: Request, conversation: UUID) -> Response:
        """Renames, pins, archives, or switches to another branch."""
        wanted = self.body_about(ConversationChange, lambda: self.shown(conversation))
        if wanted.title is not None:
            actions.rename(self.actor, conversation, wanted.title)
        if wanted.pinned is not None:
            actions.pin(self.actor, conversation, is_pinned=wanted.pinned)
        if wanted.archived is not None:
            actions.archive(self.actor, conversation, is_archived=wanted.archived)
        if wanted.active_leaf is not None:
            actions.switch_branch(self.actor, conversation, wanted.active_leaf)
        return answer(self.shown(conversation))

    @extend_schema(operation_id="delete_conversation", responses={204: None})
    def delete(self, request: Request, conversation: UUID) -> Response:
        """Hides the conversation at once, for good."""
        actions.delete_conversation(self.actor, conversation)
        return answer()


class MessagesView(ChatView):
    """The messages of one conversation."""

    @extend_schema(
        operation_id="list_messages",
        parameters=parameters_of(MessageQuery),
        responses=MessagesPage,
        examples=[examples.told("A page", {"items": [examples.MESSAGE], "next_cursor": None})],
    )
    def get(self, request: Request, conversation: UUID) -> Response:
        """The active branch, oldest first; `all=true` gives every branch, in the order of writing."""
        asked = self.query(MessageQuery)
        listed = lists.tree_page if asked.all else lists.branch_page
        page = listed(self.actor, conversation, asked)
        return answer(page.body(lambda view: MessageShown.of(view).model_dump(mode="json")))


class ConversationTurnsView(ChatView):
    """The turns of one conversation."""

    @extend_schema(
        operation_id="start_turn",
        request=NewTurn,
        responses={202: AcceptedTurn},
        examples=[
            examples.asked("A question", {"text": "Where could twenty people meet near Kyoto?"}),
            examples.asked("A new beginning", {"text": "And near Nara?", "parent": None}),
            examples.told("Accepted", examples.ACCEPTED, 202),
        ],
    )
    def post(self, request: Request, conversation: UUID) -> Response:
        """Sends a question; its answer comes as the turn's events."""
        wanted = self.body_about(NewTurn, lambda: self.shown(conversation))
        return answer(AcceptedTurn.of(turns.send(self.actor, conversation, wanted.question())), 202)


class RegenerateView(ChatView):
    """Another answer."""

    @extend_schema(
        operation_id="regenerate_message",
        request=Nothing,
        responses={202: AcceptedAnswer},
        examples=[examples.asked("Nothing to say", {}), examples.told("Accepted", examples.ACCEPTED_ANSWER, 202)],
    )
    def post(self, request: Request, message: UUID) -> Response:
        """Starts another answer beside this one."""
        self.body_about(Nothing, lambda: queries.message_for(self.actor, message))
        started = turns.regenerate(self.actor, message)
        return answer(AcceptedAnswer(turn=started.turn, message=started.message), 202)


class ReceiptView(WorkView):
    """The receipt of an answer."""

    @extend_schema(
        operation_id="get_receipt", responses=ReceiptShown, examples=[examples.told("A receipt", examples.RECEIPT)]
    )
    def get(self, request: Request, message: UUID) -> Response:
        """What made this answer; there is none for a question, or before the answer has ended."""
        found = queries.message_for(self.actor, message)
        if found.receipt is None:
            raise NotFound
        return answer(ReceiptShown(**found.receipt))


class TurnView(WorkView):
    """One turn."""

    @extend_schema(operation_id="get_turn", responses=TurnShown, examples=[examples.told("A turn", examples.TURN)])
    def get(self, request: Request, turn: UUID) -> Response:
        """How far it is."""
        return answer(TurnShown.of(turns.turn_view(self.actor, turn)))


class StopView(ChatView):
    """The end of a turn before its time."""

    @extend_schema(
        operation_id="stop_turn",
        request=Nothing,
        responses={202: TurnShown},
        examples=[
            examples.asked("Nothing to say", {}),
            examples.told("A turn", examples.TURN | {"status": "stopping", "queue_position": None}, 202),
        ],
    )
    def post(self, request: Request, turn: UUID) -> Response:
        """Stops it; what was written stays. A turn that has ended is left as it is."""
        self.body_about(Nothing, lambda: turns.turn_for(self.actor, turn))
        turns.stop(self.actor, turn)
        return answer(TurnShown.of(turns.turn_view(self.actor, turn)), 202)


class ContinueView(ChatView):
    """The rest of an answer."""

    @extend_schema(
        operation_id="continue_turn",
        request=Nothing,
        responses={202: ContinuedTurn},
        examples=[examples.asked("Nothing to say", {}), examples.told("Accepted", {"turn": examples.TURN["id"]}, 202)],
    )
    def post(self, request: Request, turn: UUID) -> Response:
        """Goes on with an answer that failed, was stopped or was cut by length, as a new turn on the same message."""
        self.body_about(Nothing, lambda: turns.turn_for(self.actor, turn))
        return answer(ContinuedTurn(turn=turns.continue_turn(self.actor, turn)), 202)
