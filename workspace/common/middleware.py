"""What every request passes: a name for it, and errors told in one shape."""

import secrets
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import sync_and_async_middleware

from workspace.common import problems

# The request that this code works for; every line of the log carries it.
request_id: ContextVar[str] = ContextVar("request_id", default="")

Next = Callable[[HttpRequest], Any]


@sync_and_async_middleware
def request_identity(get_response: Next) -> Next:
    """Names the request in the log and in the answer's X-Request-Id. A name that the caller sends is not taken over."""

    def named(request: HttpRequest) -> HttpResponse:
        name = _new_name()
        response: HttpResponse = get_response(request)
        response["X-Request-Id"] = name
        return response

    async def named_later(request: HttpRequest) -> HttpResponse:
        name = _new_name()
        response: HttpResponse = await get_response(request)
        response["X-Request-Id"] = name
        return response

    return named_later if iscoroutinefunction(get_response) else named


def _new_name() -> str:
    name = secrets.token_hex(16)
    request_id.set(name)
    return name


class ErrorsTold:
    """Turns what a view raises into an answer: a problem object for programs, a page for people. Async views too."""

    sync_capable = async_capable = True

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Any:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse:
        return told(request, exception)


def told(request: HttpRequest, exception: BaseException) -> HttpResponse:
    """The answer for an exception, in the form that this caller reads."""
    answer = problems.response(exception)
    if problems.is_for_programs(request):
        return answer
    page = render(request, "common/error.html", {"error": problems.as_error(exception)}, status=answer.status_code)
    if "Retry-After" in answer:
        page["Retry-After"] = answer["Retry-After"]
    return page
