"""Where somebody is signed in."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext, ngettext

from workspace.accounts import sessions
from workspace.accounts.devices import device
from workspace.accounts.pages import PageView


class SessionsView(PageView):
    """The list of browsers."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """This one is marked."""
        found = [(session, device(session.agent)) for session in sessions.sessions_of(self.actor)]
        return self.page("accounts/sessions.html", sessions=found, current=self.actor.credential)


class EndSessionView(PageView):
    """Signing out one browser."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, session: UUID) -> HttpResponse:
        """Of this browser itself, it leads to the sign-in page.

        Raises:
            NotFound: the actor has no such session.
        """
        sessions.end_session(self.actor, session)
        if session == self.actor.credential:
            return redirect("account_login")
        messages.success(request, gettext("That browser is signed out."))
        return redirect("sessions")


class EndOtherSessionsView(PageView):
    """Signing out everywhere else."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        """How many there were is told."""
        ended = sessions.end_other_sessions(self.actor)
        said = ngettext("%(number)d other browser was signed out.", "%(number)d other browsers were signed out.", ended)
        messages.success(request, said % {"number": ended})
        return redirect("sessions")
