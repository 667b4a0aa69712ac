"""Forms about where a chat is kept, and whether: pinned, archived, deleted, taken back."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from workspace.accounts.pages import PageView
from workspace.accounts.views.preferences import way_back
from workspace.chat import actions


class PinView(PageView):
    """Among the pinned ones, or not."""

    def post(self, request: HttpRequest, conversation: UUID) -> HttpResponse:
        """`pinned`: 1 or 0.

        Raises:
            CapabilityMissing, NotFound: see `actions.pin`.
        """
        actions.pin(self.actor, conversation, is_pinned=request.POST.get("pinned", "1") == "1")
        return redirect(way_back(request))


class ArchiveView(PageView):
    """Out of the list, or back in it."""

    def post(self, request: HttpRequest, conversation: UUID) -> HttpResponse:
        """`archived`: 1 or 0.

        Raises:
            CapabilityMissing, NotFound: see `actions.archive`.
        """
        is_archived = request.POST.get("archived", "1") == "1"
        actions.archive(self.actor, conversation, is_archived=is_archived)
        messages.success(request, gettext("The chat is archived.") if is_archived else gettext("The chat is back."))
        return redirect(way_back(request))


class DeleteView(PageView):
    """Out of sight at once; it can be taken back for a moment."""

    def post(self, request: HttpRequest, conversation: UUID) -> HttpResponse:
        """Leads to where the form stood, which is not the chat that is gone; there the way back is offered.

        Raises:
            CapabilityMissing, NotFound: see `actions.delete_conversation`.
        """
        actions.delete_conversation(self.actor, conversation)
        undo = reverse("restore_conversation", args=[conversation])
        messages.success(request, gettext("The chat is deleted."), extra_tags=f"undo:{undo}")
        back = way_back(request)
        return redirect("home" if str(conversation) in back else back)


class RestoreView(PageView):
    """Takes a deletion back."""

    def post(self, request: HttpRequest, conversation: UUID) -> HttpResponse:
        """Leads back to the list, where the form stood there, else to the chat.

        Raises:
            CapabilityMissing, NotFound: see `actions.restore_conversation`.
        """
        actions.restore_conversation(self.actor, conversation)
        back = way_back(request)
        return redirect(back if back.partition("?")[0] == "/chats" else f"/chats/{conversation}")
