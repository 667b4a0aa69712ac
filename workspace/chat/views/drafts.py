"""Where the composer sends what is written and not sent."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from workspace.accounts.pages import PageView
from workspace.chat.drafts import keep_draft


class DraftView(PageView):
    """The draft of one chat, or of the next new one."""

    def post(self, request: HttpRequest, conversation: UUID | None = None) -> HttpResponse:
        """Keeps `text` in place of what was kept before.

        Raises:
            CapabilityMissing, Conflict, NotFound, TooLarge: see `drafts.keep_draft`.
        """
        keep_draft(self.actor, conversation, request.POST.get("text", ""))
        return HttpResponse(status=204)
