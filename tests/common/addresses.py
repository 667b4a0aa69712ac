"""Views that exist only in tests: each shows one promise of the base view."""

from typing import Annotated, Any

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from pydantic import Field
from rest_framework.request import Request
from rest_framework.response import Response

from workspace.accounts.models import AccessToken
from workspace.common import pagination
from workspace.common.api import WorkView, answer, identity
from workspace.common.bodies import Body, Text
from workspace.common.errors import Conflict, NotFound


class Note(Body):
    text: Text
    pinned: bool = False
    weight: Annotated[int, Field(ge=0)] = 0


class Echo(WorkView):
    def post(self, request: Request) -> Response:
        return answer(self.body(Note), 201)


class Tokens(WorkView):
    """Makes a row for each POST, and lists the rows."""

    order = pagination.Order("tokens", ("created_at", "id"), descending=True)

    def get(self, request: Request) -> Response:
        page = pagination.page(AccessToken.objects.all(), self.order, self.query(pagination.PageQuery))
        return answer(page.body(lambda token: {"id": str(token.id)}))

    def post(self, request: Request) -> Response:
        name = self.body(Note).text
        if AccessToken.objects.filter(name=name, user_id=self.actor.user).count() > 1000:
            raise Conflict
        row = AccessToken.objects.create(
            user_id=self.actor.user, name=name, digest=name.encode(), expires_at="2100-01-01T00:00:00Z"
        )
        if name == "refused":
            raise Conflict("Not this one.")
        return answer({"id": str(row.id)}, 201)


class Secret(Tokens):
    shows_secret = True

    def post(self, request: Request) -> Response:
        return Tokens.post(self, request)


class OneToken(WorkView):
    def get(self, request: Request, token: str) -> Response:
        row = AccessToken.objects.filter(id=identity(token), user_id=self.actor.user).first()
        if row is None:
            raise NotFound
        return answer({"id": str(row.id)})


class Broken(WorkView):
    def get(self, request: Request) -> Response:
        raise RuntimeError("the words of a conversation")


class Away(WorkView):
    def get(self, request: Request) -> Response:
        raise OperationalError("connection refused")


async def stream(request: HttpRequest, what: str) -> HttpResponse:
    """A plain async view, like the one that sends events."""
    faults: dict[str, Exception] = {
        "conflict": Conflict("Later."),
        "broken": RuntimeError("the words of a conversation"),
        "away": OperationalError("connection refused"),
    }
    raise faults[what]


urlpatterns: list[Any] = [
    path("api/echo", Echo.as_view()),
    path("api/tokens", Tokens.as_view()),
    path("api/secrets", Secret.as_view()),
    path("api/tokens/<str:token>", OneToken.as_view()),
    path("api/broken", Broken.as_view()),
    path("api/away", Away.as_view()),
    path("api/stream/<str:what>", stream),
    path("page/<str:what>", stream),
    path("", include("workspace.config.urls")),
]
handler400 = "workspace.common.views.bad_request"
handler403 = "workspace.common.views.forbidden"
handler404 = "workspace.common.views.not_found"
handler500 = "workspace.common.views.failed"
