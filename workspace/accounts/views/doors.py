"""Pages around signing in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from workspace.accounts import actions, queries, sessions
from workspace.accounts.errors import EmailTaken
from workspace.accounts.forms import OwnerForm
from workspace.common.errors import Invalid


@require_http_methods(["GET", "POST"])
def set_up(request: HttpRequest) -> HttpResponse:
    """The page behind the owner's link: makes the first owner and their workspace, and signs them in.

    Raises:
        OwnerLinkSpent: the link was used, is too old, or there is an owner.
    """
    token = request.GET.get("token", "")
    queries.check_owner_link(token)
    form = OwnerForm(request.POST or None)
    if form.is_valid():
        try:
            user = actions.claim_ownership(token, form.founder())
        except (Invalid, EmailTaken) as error:
            for fault in error.errors:
                form.add_error(fault.field, fault.detail)
            form.add_error(None, str(error))
        else:
            sessions.sign_in(request, user)
            return redirect("home")
    return render(request, "accounts/set_up.html", {"form": form}, status=400 if form.is_bound else 200)
