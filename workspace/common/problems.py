"""How an error is told to a program: RFC 9457 `application/problem+json`, the same shape for every error.

A 404 says nothing but that it is one, so that somebody else's object cannot be told from an id that never was.
"""

import logging
import traceback
from typing import Any, Final

import orjson
from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from redis.exceptions import RedisError
from rest_framework import exceptions

from workspace.common import errors
from workspace.common.errors import AtriumError

logger = logging.getLogger(__name__)

CONTENT_TYPE: Final = "application/problem+json"
# Seconds after which trying again is worth it: a database that restarts is back by then.
RETRY_AFTER: Final = 2

_TOLD_AS: Final[tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], type[AtriumError]], ...]] = (
    ((Http404, exceptions.NotFound), errors.NotFound),
    ((PermissionDenied, exceptions.PermissionDenied), errors.Forbidden),
    ((exceptions.NotAuthenticated, exceptions.AuthenticationFailed), errors.Unauthenticated),
    (RequestDataTooBig, errors.TooLarge),
    (exceptions.MethodNotAllowed, errors.MethodNotAllowed),
    (exceptions.UnsupportedMediaType, errors.UnsupportedMediaType),
    (exceptions.Throttled, errors.TooManyRequests),
    ((SuspiciousOperation, BadRequest, exceptions.ParseError), errors.Invalid),
    # Too few connections, a server that restarts, a statement that ran out of time.
    ((OperationalError, InterfaceError, RedisError), errors.Unavailable),
)


def as_error(exception: BaseException) -> AtriumError:
    """The error that a caller is told; "internal", and no word more, for what nobody foresaw."""
    if isinstance(exception, AtriumError):
        return exception
    for kinds, told in _TOLD_AS:
        if isinstance(exception, kinds):
            return told()
    return AtriumError()


def body(error: AtriumError) -> dict[str, Any]:
    """The members of the problem object."""
    told: dict[str, Any] = {
        "type": f"urn:atrium:problem:{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail or error.title,
        "code": error.code,
        "retryable": error.retryable,
    }
    if error.errors:
        told["errors"] = [{"field": e.field, "code": e.code, "detail": e.detail} for e in error.errors]
    return told


def response(exception: BaseException) -> HttpResponse:
    """The answer for an exception. What nobody foresaw is logged by its type and frames: its words may be content."""
    error = as_error(exception)
    if error.status >= 500:
        logger.error("request failed", extra={"code": error.code} | traced(exception))
    answer = HttpResponse(orjson.dumps(body(error)), status=error.status, content_type=CONTENT_TYPE)
    if isinstance(error, errors.Unauthenticated):
        answer["WWW-Authenticate"] = error.challenge
    if error.status == 503:
        answer["Retry-After"] = str(RETRY_AFTER)
    return answer


def traced(exception: BaseException) -> dict[str, Any]:
    """Fields of a log line: what kind of exception and where, without its own words."""
    frames = [f"{at.filename}:{at.lineno} {at.name}" for at in traceback.extract_tb(exception.__traceback__)]
    return {"exception": type(exception).__qualname__, "frames": frames}


def handler(exception: Exception, context: dict[str, Any]) -> HttpResponse:
    """Django REST framework's EXCEPTION_HANDLER."""
    return response(exception)


def is_for_programs(request: HttpRequest) -> bool:
    """Whether an error of this request is told as a problem object, and not as a page."""
    return request.path.startswith(("/api/", "/health/")) or "text/html" not in request.headers.get("Accept", "")
