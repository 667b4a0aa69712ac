"""Where the bare address leads."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """To the description of the API for whoever is signed in, else to the sign-in page."""
    return redirect("docs" if request.user.is_authenticated else "account_login")
