"""The root of every error that a person or a program may be told about.

AtriumError
├── Unauthenticated       401  no credential, or one that no longer holds
├── Forbidden             403  the actor is known and may not
├── NotFound              404  there is none, or it is somebody else's: the two are never told apart
├── MethodNotAllowed      405
├── Conflict              409  the state of the object does not allow it now
├── Invalid               400  the request is malformed; `errors` names the fields
│   ├── InvalidJson       400
│   ├── TooLarge          413
│   ├── UnsupportedMediaType  415
│   └── IdempotencyConflict  422  the same key with another body
├── TooManyRequests       429
├── TooSlow               408  the body of the request did not arrive in time
└── Unavailable           503  a part of the product is missing for the moment

Each app's `errors.py` continues the tree. `detail` is for people and says what to do next; it never holds content.
"""

from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field of a request. `field` is a dotted path, empty for the request as a whole."""

    field: str
    code: str
    detail: str


@dataclass(eq=False)
class AtriumError(Exception):
    """Something a caller can be told: a stable code, an HTTP status, and whether trying again may help."""

    detail: str = ""
    errors: tuple[FieldError, ...] = ()
    params: dict[str, str | int] = field(default_factory=dict)

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something went wrong"
    retryable: ClassVar[bool] = False

    def __str__(self) -> str:
        return self.detail or self.title


class Unauthenticated(AtriumError):
    code, status, title = "unauthenticated", 401, "Sign in first"

    @property
    def challenge(self) -> str:
        """What a program is asked for: the value of WWW-Authenticate."""
        return "Bearer"


class Forbidden(AtriumError):
    code, status, title = "forbidden", 403, "Not allowed"


class NotFound(AtriumError):
    code, status, title = "not_found", 404, "Not found"


class MethodNotAllowed(AtriumError):
    code, status, title = "method_not_allowed", 405, "This address does not take this method"


class Conflict(AtriumError):
    code, status, title = "conflict", 409, "Not possible now"


class Invalid(AtriumError):
    code, status, title = "invalid", 400, "The request is not valid"


class InvalidJson(Invalid):
    code, title = "invalid_json", "The body is not valid JSON in UTF-8"


class TooLarge(Invalid):
    code, status, title = "too_large", 413, "Too large"


class UnsupportedMediaType(Invalid):
    code, status, title = "unsupported_media_type", 415, "The body must be application/json"


class TooSlow(AtriumError):
    code, status, title, retryable = "too_slow", 408, "The body did not arrive in time", True


class IdempotencyConflict(Invalid):
    code, status, title = "idempotency_conflict", 422, "This idempotency key was used with another body"


class TooManyRequests(AtriumError):
    code, status, title, retryable = "too_many_requests", 429, "Too many requests", True


class Unavailable(AtriumError):
    code, status, title, retryable = "unavailable", 503, "Not available for the moment", True
