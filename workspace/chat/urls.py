"""Addresses of chats: the API and the pages."""

from django.urls import path

from workspace.chat import api
from workspace.chat.events import turn_events
from workspace.chat.notices import conversation_notices
from workspace.chat.views import asking, drafts, keeping, threads

urlpatterns = [
    path("api/conversations", api.ConversationsView.as_view()),
    path("api/conversations/<uuid:conversation>", api.ConversationView.as_view()),
    path("api/conversations/<uuid:conversation>/messages", api.MessagesView.as_view()),
    path("api/conversations/<uuid:conversation>/turns", api.ConversationTurnsView.as_view()),
    path("api/messages/<uuid:message>/regenerate", api.RegenerateView.as_view()),
    path("api/messages/<uuid:message>/receipt", api.ReceiptView.as_view()),
    path("api/turns/<uuid:turn>", api.TurnView.as_view()),
    path("api/turns/<uuid:turn>/events", turn_events),
    path("api/turns/<uuid:turn>/stop", api.StopView.as_view()),
    path("api/turns/<uuid:turn>/continue", api.ContinueView.as_view()),
    path("chats/new", asking.NewChatView.as_view(), name="new_chat"),
    path("chats/<uuid:conversation>", threads.ConversationPage.as_view(), name="conversation"),
    path("chats/<uuid:conversation>/thread", threads.ThreadPart.as_view(), name="thread"),
    path("chats/<uuid:conversation>/title", threads.TitlePart.as_view(), name="title"),
    path("chats/<uuid:conversation>/turns", asking.AskView.as_view(), name="ask"),
    path("chats/<uuid:conversation>/rename", threads.RenameView.as_view(), name="rename_conversation"),
    path("messages/<uuid:message>", threads.MessagePart.as_view(), name="message"),
    path("messages/<uuid:message>/text", threads.MessageText.as_view(), name="message_text"),
    path("messages/<uuid:message>/edit", asking.EditView.as_view(), name="edit_message"),
    path("messages/<uuid:message>/branch", threads.BranchView.as_view(), name="branch"),
    path("messages/<uuid:message>/regenerate", asking.RegenerateView.as_view(), name="regenerate"),
    path("turns/<uuid:turn>/stop", asking.StopView.as_view(), name="stop_turn"),
    path("turns/<uuid:turn>/continue", asking.ContinueView.as_view(), name="continue_turn"),
    path("chats/<uuid:conversation>/pin", keeping.PinView.as_view(), name="pin_conversation"),
    path("chats/<uuid:conversation>/archive", keeping.ArchiveView.as_view(), name="archive_conversation"),
    path("chats/<uuid:conversation>/delete", keeping.DeleteView.as_view(), name="delete_conversation"),
    path("chats/<uuid:conversation>/restore", keeping.RestoreView.as_view(), name="restore_conversation"),
    path("chats/<uuid:conversation>/draft", drafts.DraftView.as_view(), name="draft"),
    path("draft", drafts.DraftView.as_view(), name="new_draft"),
    path("notices", conversation_notices, name="notices"),
]
