"""The base of every page that shows something of a workspace."""

from typing import Any, Final, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views import View
from django_htmx.http import HttpResponseClientRedirect

from workspace.accounts.authentication import session_shown_by
from workspace.accounts.errors import WorkspaceChanged
from workspace.accounts.models import User
from workspace.common import shell
from workspace.common.contracts import Actor
from workspace.common.errors import MethodNotAllowed

# What a browser asks before it follows a form: without JavaScript pages know these two methods alone.
METHODS: Final = ["get", "post", "head"]


class PageView(View):
    """For whoever is signed in by a browser session, others are led to sign in. The handler runs in a unit of the
    session's workspace: what it does stands or falls together, and its page is drawn inside.
    """

    http_method_names = METHODS

    actor: Actor
    """Who asks; there while the handler runs."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Raises:
        CredentialRefused: the person belongs to no workspace any more.
        WorkspaceChanged: a form says for which workspace it was drawn, and the session is in another one now: what
            was written for one never goes into another.
        """
        shown = session_shown_by(request)
        if shown is None:
            return _to_sign_in(request)
        with shown.entered() as self.actor:
            if request.POST.get("drawn_for", str(self.actor.workspace)) != str(self.actor.workspace):
                raise WorkspaceChanged
            return super().dispatch(request, *args, **kwargs)

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Raises:
        MethodNotAllowed: Django's own answer is a page without a word.
        """
        raise MethodNotAllowed

    @property
    def person(self) -> User:
        """The account behind the session."""
        return cast("User", self.request.user)

    @property
    def is_part(self) -> bool:
        """Whether a script asks for a part of a page that is there (htmx), and not for the page."""
        return bool(getattr(self.request, "htmx", None))

    def page(self, template: str, status: int = 200, **context: Any) -> HttpResponse:
        """A page in the shell: beside what the handler gives, it has `actor`, `person` and the sidebar."""
        known = {"actor": self.actor, "person": self.person, "sidebar": shell.sidebar(self.request, self.actor)}
        return render(self.request, template, known | context, status=status)

    def part(self, template: str, status: int = 200, **context: Any) -> HttpResponse:
        """One component alone, for whoever swaps it into a page that is there."""
        return render(self.request, template, {"actor": self.actor, "person": self.person} | context, status=status)


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """The whole page goes there, also where only a part of it was asked for: then `htmx` knows which page it is."""
    whole = getattr(request, "htmx", None)
    if whole:
        door = redirect_to_login(whole.current_url_abs_path or "/").url
        return HttpResponseClientRedirect(f"{door}&ended=1")  # the page was open until now: it is told why
    return redirect_to_login(request.get_full_path() if request.method == "GET" else "/")
