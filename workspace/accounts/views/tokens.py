"""A person's own access tokens."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext

from workspace.accounts import permissions, tokens
from workspace.accounts.forms import SCOPES, TokenForm
from workspace.accounts.pages import PageView


class TokensView(PageView):
    """The list, and a new one."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The tokens, newest first."""
        return self._shown(self._form(None))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Makes a token. It stands in this answer alone, so there is no page to be led to."""
        form = self._form(request)
        if not form.is_valid():
            return self._shown(form, 400)
        said = form.cleaned_data
        made = tokens.create_token(
            self.actor.user, said["name"], scopes=said["scopes"], days=said["days"], by=self.actor
        )
        return self._shown(self._form(None), 201, made=made)

    def _form(self, request: HttpRequest | None) -> TokenForm:
        allowed = permissions.capabilities_of(self.actor)
        return TokenForm(request.POST if request else None, allowed)

    def _shown(self, form: TokenForm, status: int = 200, made: str = "") -> HttpResponse:
        listed = [(token, [SCOPES[scope] for scope in token.scopes]) for token in tokens.tokens_of(self.actor)]
        address = settings.ATRIUM_URL
        return self.page("accounts/tokens.html", status, form=form, tokens=listed, made=made, address=address)


class RevokeTokenView(PageView):
    """The end of a token."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, token: UUID) -> HttpResponse:
        """Raises:
        NotFound: the actor has no such token.
        """
        tokens.revoke_token(self.actor, token)
        messages.success(request, gettext("The token is revoked. Programs that use it are refused from now on."))
        return redirect("tokens")
