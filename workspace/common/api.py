"""The base of every REST view: who asks, one unit of work around the whole handler, JSON in and out.

class Conversations(WorkView):
    def post(self, request: Request) -> Response:
        conversation = actions.start(self.actor, self.body(NewConversation))
        return answer(ConversationBody.of(conversation), 201)
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ClassVar, TypeVar, cast
from uuid import UUID

from pydantic import BaseModel
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from workspace.common import bodies, idempotency
from workspace.common.contracts import Actor, Credential
from workspace.common.errors import NotFound, Unauthenticated

B = TypeVar("B", bound=BaseModel)
Handler = Callable[..., Response]
METHODS = ("get", "post", "put", "patch", "delete")


class WorkView(APIView):
    """Authenticates, then runs the handler in a unit of the actor's workspace: what it does stands or falls together
    with the record of its Idempotency-Key, and an error takes all of it back.

    `shows_secret`: the answer is shown once and never stored, so Idempotency-Key does not apply.
    """

    shows_secret: ClassVar[bool] = False
    http_method_names = [*METHODS, "head"]

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for name in METHODS:
            if handler := vars(cls).get(name):
                setattr(cls, name, _in_unit(handler))

    actor: Actor
    """Who asks; there while the handler runs."""

    def perform_authentication(self, request: Request) -> None:
        """Raises:
        Unauthenticated: nobody did.
        """
        if request.auth is None:
            raise Unauthenticated

    def body(self, model: type[B]) -> B:
        """The request's body.

        Raises:
            Invalid, InvalidJson, TooLarge: see `bodies`.
        """
        return bodies.checked(model, self.request.data)

    def query(self, model: type[B]) -> B:
        """The request's query string.

        Raises:
            Invalid: see `bodies.queried`.
        """
        return bodies.queried(model, dict(self.request.query_params.lists()))


def _in_unit(handler: Handler) -> Handler:
    @wraps(handler)
    def inside(view: WorkView, request: Request, *args: Any, **kwargs: Any) -> Response:
        key, shown = request.headers.get("Idempotency-Key"), cast("Credential", request.auth)
        with shown.entered() as view.actor:
            if request.method != "POST" or key is None or view.shows_secret:
                return handler(view, request, *args, **kwargs)
            asked = idempotency.Asked(view.actor, key, request.path, request.data)
            return idempotency.once(asked, lambda: handler(view, request, *args, **kwargs))

    return inside


def answer(body: BaseModel | Mapping[str, Any] | None = None, status: int = 200) -> Response:
    """An answer with this body; 204 without one."""
    if body is None:
        return Response(status=204)
    return Response(body.model_dump(mode="json") if isinstance(body, BaseModel) else body, status=status)


def identity(text: str) -> UUID:
    """The id in an address.

    Raises:
        NotFound: nothing can have such an id.
    """
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None
