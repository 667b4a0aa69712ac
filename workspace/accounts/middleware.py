"""Words, times and brightness as the person wants them, on every page and in every stream."""

from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest
from django.utils.decorators import sync_and_async_middleware

from workspace.accounts.preferences import preferences_of
from workspace.common.work import outside

Next = Callable[[HttpRequest], Any]


@sync_and_async_middleware
def preferences_followed(get_response: Next) -> Next:
    """Stands behind Django's LocaleMiddleware and AuthenticationMiddleware. It undoes nothing on the way out: a page
    may be written while it is sent, and the next request is given its own.
    """

    def followed(request: HttpRequest) -> Any:
        request.preferences = preferences_of(request)  # type: ignore[attr-defined]
        request.preferences.follow()  # type: ignore[attr-defined]
        return get_response(request)

    async def followed_later(request: HttpRequest) -> Any:
        request.preferences = await outside(lambda: preferences_of(request))  # type: ignore[attr-defined]
        request.preferences.follow()  # type: ignore[attr-defined]
        return await get_response(request)

    return followed_later if iscoroutinefunction(get_response) else followed
