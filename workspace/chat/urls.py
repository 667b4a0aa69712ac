"""Addresses of chats: the API and the pages."""

from django.urls import path

from workspace.chat import api
from workspace.chat.events import turn_events
from workspace.chat.notices import conversation_notices
from workspace.chat.views import drafts, keeping

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
    path("chats/<uuid:conversation>/pin", keeping.PinView.as_view(), name="pin_conversation"),
    path("chats/<uuid:conversation>/archive", keeping.ArchiveView.as_view(), name="archive_conversation"),
    path("chats/<uuid:conversation>/delete", keeping.DeleteView.as_view(), name="delete_conversation"),
    path("chats/<uuid:conversation>/restore", keeping.RestoreView.as_view(), name="restore_conversation"),
    path("chats/<uuid:conversation>/draft", drafts.DraftView.as_view(), name="draft"),
    path("draft", drafts.DraftView.as_view(), name="new_draft"),
    path("notices", conversation_notices, name="notices"),
]
