"""Addresses of the API of conversations, messages and turns."""

from django.urls import path

from workspace.chat import api
from workspace.chat.events import turn_events
from workspace.chat.notices import conversation_notices

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
    path("notices", conversation_notices),
]
