"""Errors that arise outside of any view."""

from django.http import HttpRequest, HttpResponse

from workspace.common.errors import AtriumError, Forbidden, Invalid, NotFound
from workspace.common.middleware import told


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400: a request that it refused to read."""
    return told(request, exception if isinstance(exception, AtriumError) else Invalid())


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler403."""
    return told(request, Forbidden())


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token, or from another site."""
    return told(request, Forbidden("Load the page again, then try again."))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler404: no such address. The same answer as for an id that never was."""
    return told(request, NotFound())


def failed(request: HttpRequest) -> HttpResponse:
    """Django's handler500: something outside of any view went wrong, and Django has logged it."""
    return told(request, AtriumError())
