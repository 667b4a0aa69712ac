"""What this product asks of django-allauth."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from workspace.accounts import queries, sessions
from workspace.accounts.assurance import Proof
from workspace.accounts.models import Method, User
from workspace.common.addresses import is_own_path


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # published without types
    """People come by invitation, by the owner's link or by whoever runs the server, never by themselves."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("The e-mail address or the password is not right. Try again, or reset it."),
        "too_many_login_attempts": _("Too many tries. Wait five minutes, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_safe_url(self, url: str) -> bool:
        """Nobody is led away from here after signing in or out, not to another port of this machine either."""
        return is_own_path(url)

    def pre_login(self, request: HttpRequest, user: User, **facts: Any) -> HttpResponse | None:
        """Whoever was shut out of every workspace is told so, and stays outside."""
        if not queries.workspaces_of(user.id):
            return redirect("account_inactive")
        answer: HttpResponse | None = super().pre_login(request, user, **facts)
        return answer

    def login(self, request: HttpRequest, user: User) -> None:
        """Signs in, and keeps which browser it was."""
        super().login(request, user)
        sessions.keep(request, user, [Proof(Method.PASSWORD)])

    def logout(self, request: HttpRequest) -> None:
        """Signs out, and ends what is still open in this browser."""
        sessions.end_this(request)
        super().logout(request)
