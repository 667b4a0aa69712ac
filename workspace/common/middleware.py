"""What every request passes: a name for it, and errors told in one shape."""

import logging
import secrets
import time
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import render
from django.utils.decorators import sync_and_async_middleware

from workspace.common import problems
from workspace.common.logs import request_id

logger = logging.getLogger(__name__)

PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
OTHER_POLICY: Final = "default-src 'none'; frame-ancestors 'none'"

Next = Callable[[HttpRequest], Any]


@sync_and_async_middleware
def request_identity(get_response: Next) -> Next:
    """Names the request in the log and in the answer's X-Request-Id. A name that the caller sends is not taken over."""

    def named(request: HttpRequest) -> HttpResponse:
        name, began = new_name(), time.monotonic()
        response: HttpResponse = get_response(request)
        return _signed(request, response, name, began)

    async def named_later(request: HttpRequest) -> HttpResponse:
        name, began = new_name(), time.monotonic()
        response: HttpResponse = await get_response(request)
        return _signed(request, response, name, began)

    return named_later if iscoroutinefunction(get_response) else named


def _signed(request: HttpRequest, response: HttpResponse, name: str, began: float) -> HttpResponse:
    """Names the answer and writes the request down by route and ids: what else an address holds is anybody's words."""
    response["X-Request-Id"] = name
    told: dict[str, Any] = {"method": request.method, "status": response.status_code, "route": "", "ids": []}
    if match := request.resolver_match:
        ids = [str(value) for value in match.kwargs.values() if isinstance(value, UUID)]
        told |= {"route": match.route, "ids": ids}
    logger.info("request answered", extra=told | {"milliseconds": round(1000 * (time.monotonic() - began), 1)})
    return response


@sync_and_async_middleware
def compressed(get_response: Next) -> Next:
    """Pages and answers in gzip, with a length that tells nothing (Django's own defence against BREACH). A stream goes
    out as it is: each of its events has to arrive at once.
    """
    shrink = GZipMiddleware(lambda request: HttpResponse()).process_response

    def shrunk(request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = get_response(request)
        return response if response.streaming else shrink(request, response)

    async def shrunk_later(request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = await get_response(request)
        return response if response.streaming else shrink(request, response)

    return shrunk_later if iscoroutinefunction(get_response) else shrunk


@sync_and_async_middleware
def content_guarded(get_response: Next) -> Next:
    """Content-Security-Policy, with a nonce for the scripts and styles that a page itself writes (`request.nonce`).

    What is not a page gets a policy that allows nothing, the same for all.
    """

    def guarded(request: HttpRequest) -> HttpResponse:
        request.nonce = secrets.token_urlsafe(16)  # type: ignore[attr-defined]
        response: HttpResponse = get_response(request)
        return _with_policy(request, response)

    async def guarded_later(request: HttpRequest) -> HttpResponse:
        request.nonce = secrets.token_urlsafe(16)  # type: ignore[attr-defined]
        response: HttpResponse = await get_response(request)
        return _with_policy(request, response)

    return guarded_later if iscoroutinefunction(get_response) else guarded


def _with_policy(request: Any, response: HttpResponse) -> HttpResponse:
    is_page = response.get("Content-Type", "").startswith("text/html")
    policy = PAGE_POLICY.format(nonce=request.nonce) if is_page else OTHER_POLICY
    response.setdefault("Content-Security-Policy", policy)
    response.setdefault("Cache-Control", "private, no-store")
    return response


def new_name() -> str:
    """A fresh name, kept in `request_id` for whatever this request goes on to do."""
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
    known = {"error": problems.as_error(exception), "request_id": request_id.get()}
    page = render(request, "common/error.html", known, status=answer.status_code)
    if "Retry-After" in answer:
        page["Retry-After"] = answer["Retry-After"]
    return page
