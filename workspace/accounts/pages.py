"""The base of every page that shows something of a workspace."""

from contextlib import AbstractContextManager
from typing import Any, Final, cast
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views import View
from django_htmx.http import HttpResponseClientRedirect

from workspace.accounts.authentication import SessionShown, session_shown_by
from workspace.accounts.errors import SignInTooOld, StepUpNeeded, WorkspaceChanged
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
        try:
            with self.entered(shown) as self.actor:
                if request.POST.get("drawn_for", str(self.actor.workspace)) != str(self.actor.workspace):
                    raise WorkspaceChanged
                return super().dispatch(request, *args, **kwargs)
        except StepUpNeeded as needed:
            return _led(request, again_at(_page_of(request), needed))
        except SignInTooOld:
            get_adapter(request).logout(request)
            return _to_sign_in(request)

    def entered(self, shown: SessionShown) -> AbstractContextManager[Actor]:
        """The unit that the handler runs in. Pages where somebody proves more let them in as they are."""
        return shown.entered()

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


def again_at(page: str, needed: StepUpNeeded) -> str:
    """Where somebody proves more, and goes on to the page from."""
    asked = {"next": page} | {name: str(value) for name, value in needed.params.items()}
    return f"{reverse('again')}?{urlencode(asked)}"


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    door = redirect_to_login(_page_of(request)).url
    # A page that was open until now is told why.
    return _led(request, f"{door}&ended=1" if getattr(request, "htmx", None) else door)


def _page_of(request: HttpRequest) -> str:
    """The page that a browser shows or asks for; where only a part of it is asked for, `htmx` knows which page it is.
    Of a form that was sent it is not known.
    """
    whole = getattr(request, "htmx", None)
    if whole:
        return whole.current_url_abs_path or "/"
    return request.get_full_path() if request.method == "GET" else "/"


def _led(request: HttpRequest, address: str) -> HttpResponse:
    """The whole page goes there, also where only a part of it was asked for."""
    return HttpResponseClientRedirect(address) if getattr(request, "htmx", None) else redirect(address)
