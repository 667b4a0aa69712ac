"""The way back in for whoever has forgotten their password. The steps are allauth's."""

from typing import Any

from allauth.account.internal import flows
from allauth.account.views import PasswordResetDoneView, PasswordResetFromKeyView, PasswordResetView
from django.http import HttpResponse
from django.shortcuts import redirect

from workspace.accounts import resets
from workspace.accounts.door_forms import ForgottenForm, NewPasswordForm
from workspace.common.errors import Invalid
from workspace.common.forms import tell
from workspace.common.outbox import outbox


class ForgottenView(PasswordResetView):  # type: ignore[misc]  # published without types
    """Asks for the address."""

    form_class = ForgottenForm


class ForgottenDoneView(PasswordResetDoneView):  # type: ignore[misc]  # published without types
    """Says where to look, whether or not there is such a person."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """`has_outbox`: no mail leaves this machine, and whoever runs it has the link."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"has_outbox": outbox() is not None}


class NewPasswordView(PasswordResetFromKeyView):  # type: ignore[misc]  # published without types
    """Behind the link that was sent."""

    form_class = NewPasswordForm

    def form_valid(self, form: NewPasswordForm) -> HttpResponse:
        """Leads to sign-in: whoever has the mail has not the second factor.

        Raises:
            CredentialRefused: the person may not enter any more.
        """
        try:
            resets.choose_new(self.reset_user, form.cleaned_data["password"])
        except Invalid as error:
            tell(form, error)
            answer: HttpResponse = self.form_invalid(form)
            return answer
        flows.password_reset.finalize_password_reset(self.request, self.reset_user)
        return redirect("account_login")
