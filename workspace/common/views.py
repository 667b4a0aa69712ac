"""Errors that arise outside of any view, and what plain views of the API have in common."""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt

from workspace.common.errors import AtriumError, Forbidden, Invalid, MethodNotAllowed, NotFound, TooManyRequests
from workspace.common.middleware import told

View = Callable[..., Coroutine[Any, Any, HttpResponseBase]]


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler400: a request that it refused to read."""
    return told(request, exception if isinstance(exception, AtriumError) else Invalid())


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler403."""
    return told(request, Forbidden())


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token, or from another site."""
    return told(request, Forbidden(gettext("Load the page again, then try again.")))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler404: no such address. The same answer as for an id that never was."""
    return told(request, NotFound())


def too_many(request: HttpRequest) -> HttpResponse:
    """Somebody tried too often: the door's counters say so."""
    return told(request, TooManyRequests())


def failed(request: HttpRequest) -> HttpResponse:
    """Django's handler500: something outside of any view went wrong, and Django has logged it."""
    return told(request, AtriumError())


def only_read(view: View) -> View:
    """A plain view that changes nothing: it takes GET alone, and asks no other method for a CSRF token first."""

    @csrf_exempt
    @wraps(view)
    async def read(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method != "GET":
            raise MethodNotAllowed
        return await view(request, *args, **kwargs)

    read.actions = ("get",)  # type: ignore[attr-defined]  # as a viewset of the REST framework names its methods
    return read
