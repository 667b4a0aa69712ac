"""Who gets what from every route: each route x nobody, a stranger, a colleague, somebody shut out.

A route that is not listed here fails the suite. For somebody else's object the answer is 404, and nothing in it tells
that object from one that never was.
"""

import re
import uuid
from dataclasses import replace
from enum import Enum, auto
from typing import Any

import pytest
from django.http import HttpResponseBase
from django.test import Client

from tests.architecture.routes import Route, every_route
from tests.cast import Person, colleague
from workspace.accounts import invitations, members, tokens
from workspace.accounts.models import AccessToken, BrowserSession, Role
from workspace.accounts.permissions import CAPABILITIES, Capability
from workspace.chat.examples import RECEIPT
from workspace.chat.models import Message
from workspace.common.work import unit


class Access(Enum):
    """What a route asks of the caller before it answers."""

    EVERYBODY = auto()  # no credential
    SIGNED_IN = auto()  # a credential; the answer is about the caller
    OWNER_OF_OBJECT = auto()  # a credential, and the object in the address is the caller's
    PAGE = auto()  # a browser session, others are led to sign in; the page is about the caller
    PAGE_OF_OBJECT = auto()  # a browser session, and the object in the address is the caller's
    MANAGERS_PAGE = auto()  # a browser session of somebody who may manage members
    PAGE_OF_MEMBER = auto()  # the same, and the member in the address is of the caller's workspace
    PAGE_OF_INVITATION = auto()  # the same, and the invitation is one of the caller's workspace
    BY_SECRET = auto()  # whoever has the secret in the address, which was sent to one person; no credential
    OWNERS_PAGE = auto()  # a browser session of somebody who may manage the workspace


MATRIX: dict[str, Access] = {
    "GET /": Access.PAGE,
    "GET /chats": Access.PAGE,
    "GET /chats/<uuid:conversation>": Access.PAGE_OF_OBJECT,
    "POST /chats/<uuid:conversation>/archive": Access.PAGE_OF_OBJECT,
    "POST /chats/<uuid:conversation>/delete": Access.PAGE_OF_OBJECT,
    "POST /chats/<uuid:conversation>/draft": Access.PAGE_OF_OBJECT,
    "POST /chats/<uuid:conversation>/pin": Access.PAGE_OF_OBJECT,
    "GET /chats/<uuid:conversation>/rename": Access.PAGE_OF_OBJECT,
    "POST /chats/<uuid:conversation>/rename": Access.PAGE_OF_OBJECT,
    "POST /chats/<uuid:conversation>/restore": Access.PAGE_OF_OBJECT,
    "GET /chats/<uuid:conversation>/thread": Access.PAGE_OF_OBJECT,
    "GET /chats/<uuid:conversation>/title": Access.PAGE_OF_OBJECT,
    "POST /chats/<uuid:conversation>/turns": Access.PAGE_OF_OBJECT,
    "POST /chats/new": Access.PAGE,
    "GET /messages/<uuid:message>": Access.PAGE_OF_OBJECT,
    "POST /messages/<uuid:message>/branch": Access.PAGE_OF_OBJECT,
    "GET /messages/<uuid:message>/edit": Access.PAGE_OF_OBJECT,
    "POST /messages/<uuid:message>/edit": Access.PAGE_OF_OBJECT,
    "POST /messages/<uuid:message>/regenerate": Access.PAGE_OF_OBJECT,
    "GET /messages/<uuid:message>/text": Access.PAGE_OF_OBJECT,
    "POST /turns/<uuid:turn>/continue": Access.PAGE_OF_OBJECT,
    "POST /turns/<uuid:turn>/stop": Access.PAGE_OF_OBJECT,
    "POST /draft": Access.PAGE,
    "GET /palette": Access.PAGE,
    "GET /sidebar": Access.PAGE,
    "GET /account": Access.PAGE,
    "POST /account": Access.PAGE,
    "GET /account/password": Access.PAGE,
    "POST /account/password": Access.PAGE,
    "GET /account/sessions": Access.PAGE,
    "POST /account/sessions/end-others": Access.PAGE,
    "POST /account/sessions/<uuid:session>/end": Access.PAGE_OF_OBJECT,
    "GET /account/tokens": Access.PAGE,
    "POST /account/tokens": Access.PAGE,
    "POST /account/tokens/<uuid:token>/revoke": Access.PAGE_OF_OBJECT,
    "GET /members": Access.MANAGERS_PAGE,
    "GET /members/invitations": Access.MANAGERS_PAGE,
    "POST /members/invitations": Access.MANAGERS_PAGE,
    "POST /members/invitations/<uuid:invitation>/resend": Access.PAGE_OF_INVITATION,
    "POST /members/invitations/<uuid:invitation>/revoke": Access.PAGE_OF_INVITATION,
    "GET /set-up/invite": Access.MANAGERS_PAGE,
    "POST /set-up/invite": Access.MANAGERS_PAGE,
    "GET /set-up/engine": Access.PAGE,
    "POST /set-up/engine": Access.PAGE,
    "GET /invitations/<token>": Access.BY_SECRET,
    "POST /invitations/<token>": Access.BY_SECRET,
    "GET /password/reset/<uidb36>/<key>": Access.BY_SECRET,
    "POST /password/reset/<uidb36>/<key>": Access.BY_SECRET,
    "PUT /password/reset/<uidb36>/<key>": Access.BY_SECRET,
    "GET /members/<uuid:member>": Access.PAGE_OF_MEMBER,
    "POST /members/<uuid:member>/deactivate": Access.PAGE_OF_MEMBER,
    "POST /members/<uuid:member>/reactivate": Access.PAGE_OF_MEMBER,
    "POST /members/<uuid:member>/role": Access.PAGE_OF_MEMBER,
    "GET /workspace": Access.OWNERS_PAGE,
    "POST /workspace": Access.OWNERS_PAGE,
    "GET /workspace/sign-in": Access.OWNERS_PAGE,
    "POST /workspace/sign-in": Access.OWNERS_PAGE,
    "GET /account-closed": Access.EVERYBODY,
    "GET /health/live": Access.EVERYBODY,
    "GET /health/ready": Access.EVERYBODY,
    "GET /set-up": Access.EVERYBODY,
    "POST /set-up": Access.EVERYBODY,
    "GET /set-up/workspace": Access.EVERYBODY,
    "POST /set-up/workspace": Access.EVERYBODY,
    "GET /password/reset": Access.EVERYBODY,
    "POST /password/reset": Access.EVERYBODY,
    "PUT /password/reset": Access.EVERYBODY,
    "GET /password/reset/sent": Access.EVERYBODY,
    "GET /sign-in": Access.EVERYBODY,
    "GET /sign-in/again": Access.PAGE,
    "POST /sign-in/again": Access.PAGE,
    "POST /sign-in": Access.EVERYBODY,
    "PUT /sign-in": Access.EVERYBODY,
    "GET /sign-out": Access.EVERYBODY,
    "POST /sign-out": Access.EVERYBODY,
    "POST /preferences": Access.EVERYBODY,
    "GET /sign-up": Access.EVERYBODY,
    "POST /sign-up": Access.EVERYBODY,
    "PUT /sign-up": Access.EVERYBODY,
    "GET /api/docs": Access.EVERYBODY,
    "GET /api/schema": Access.EVERYBODY,
    "GET /api/me": Access.SIGNED_IN,
    "GET /notices": Access.SIGNED_IN,
    "GET /api/conversations": Access.SIGNED_IN,
    "POST /api/conversations": Access.SIGNED_IN,
    "GET /api/conversations/<uuid:conversation>": Access.OWNER_OF_OBJECT,
    "PATCH /api/conversations/<uuid:conversation>": Access.OWNER_OF_OBJECT,
    "DELETE /api/conversations/<uuid:conversation>": Access.OWNER_OF_OBJECT,
    "GET /api/conversations/<uuid:conversation>/messages": Access.OWNER_OF_OBJECT,
    "POST /api/conversations/<uuid:conversation>/turns": Access.OWNER_OF_OBJECT,
    "POST /api/messages/<uuid:message>/regenerate": Access.OWNER_OF_OBJECT,
    "GET /api/messages/<uuid:message>/receipt": Access.OWNER_OF_OBJECT,
    "GET /api/turns/<uuid:turn>": Access.OWNER_OF_OBJECT,
    "GET /api/turns/<uuid:turn>/events": Access.OWNER_OF_OBJECT,
    "POST /api/turns/<uuid:turn>/stop": Access.OWNER_OF_OBJECT,
    "POST /api/turns/<uuid:turn>/continue": Access.OWNER_OF_OBJECT,
}

ROUTES = every_route()
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
GUARDED = [route for route in ROUTES if MATRIX.get(str(route)) in {Access.SIGNED_IN, Access.OWNER_OF_OBJECT}]
OF_OBJECTS = [route for route in ROUTES if MATRIX.get(str(route)) is Access.OWNER_OF_OBJECT]
PAGES_OF_OBJECTS = [route for route in ROUTES if MATRIX.get(str(route)) is Access.PAGE_OF_OBJECT]
PAGES_OF_MEMBERS = [route for route in ROUTES if MATRIX.get(str(route)) is Access.PAGE_OF_MEMBER]
PAGES_OF_INVITATIONS = [route for route in ROUTES if MATRIX.get(str(route)) is Access.PAGE_OF_INVITATION]
BY_SECRET = [route for route in ROUTES if MATRIX.get(str(route)) is Access.BY_SECRET]
ASKED_OF_THE_ROLE = {
    Access.PAGE_OF_INVITATION: Capability.MANAGE_MEMBERS,
    Access.MANAGERS_PAGE: Capability.MANAGE_MEMBERS,
    Access.PAGE_OF_MEMBER: Capability.MANAGE_MEMBERS,
    Access.OWNERS_PAGE: Capability.MANAGE_WORKSPACE,
}
PAGES_BY_ROLE = [route for route in ROUTES if MATRIX.get(str(route)) in ASKED_OF_THE_ROLE]
OWN_PAGES = [route for route in ROUTES if MATRIX.get(str(route)) in {Access.PAGE, Access.PAGE_OF_OBJECT}]
PAGES = [*OWN_PAGES, *PAGES_BY_ROLE]
# Whatever differs between two answers to the same question, and says nothing.
VARYING_HEADERS = {"Date", "X-Request-Id"}


# What the owner may send, so that the refusal cannot come from the body.
BODIES: dict[str, dict[str, Any]] = {
    "PATCH /api/conversations/<uuid:conversation>": {"title": "Mine"},
    "POST /api/conversations/<uuid:conversation>/turns": {"text": "Is it mine?"},
    "POST /members/<uuid:member>/role": {"role": "admin"},
    "POST /workspace": {"name": "Another"},
    "POST /workspace/sign-in": {"version": 0, "required_level": 1, "fresh_minutes": 15, "preview": 1},
    "POST /members/invitations": {"emails": "zoe@example.org", "role": "member"},
    "POST /set-up/invite": {"emails": "zoe@example.org", "role": "member"},
    "POST /chats/<uuid:conversation>/rename": {"title": "Mine"},
    "POST /chats/<uuid:conversation>/turns": {"text": "Is it mine?", "key": "of-a-form"},
    "POST /messages/<uuid:message>/branch": {"to": "1"},
    "POST /messages/<uuid:message>/edit": {"text": "Whose is it?", "key": "of-a-form"},
}


def ask(route: Route, identity: object, person: Person) -> HttpResponseBase:
    if route in PAGES:
        return visit(route, identity, person)
    request = getattr(Client(raise_request_exception=False), route.method.lower())
    sent = {"data": BODIES.get(str(route), {}), "content_type": "application/json"} if route.method != "GET" else {}
    answer: HttpResponseBase = request(route.address(identity), headers=person.headers, **sent)
    return answer


def visit(route: Route, identity: object, person: Person | None) -> HttpResponseBase:
    """Asks as a browser does, in which this person is signed in."""
    client = Client(raise_request_exception=False, headers={"Accept": "text/html"})
    if person is not None:
        client.force_login(person.user, backend=BACKEND)
    sent = {"data": BODIES.get(str(route), {})} if route.method != "GET" else {}
    answer: HttpResponseBase = getattr(client, route.method.lower())(route.address(identity), **sent)
    return answer


def invited(person: Person) -> uuid.UUID:
    """An invitation of this person's workspace that nobody has accepted yet."""
    with unit(person.workspace, person.user.id):
        return invitations.invite(person.actor, "zoe@example.org", Role.MEMBER).id


def object_of(route: Route, made: dict[str, str]) -> str:
    """What the route is about; of messages, only questions can be edited."""
    return made["question" if route.path.endswith("/edit") else route.kind]


def leads_to_sign_in(answer: HttpResponseBase) -> bool:
    return answer.status_code == 302 and answer.headers["Location"].startswith("/sign-in?next=")


def masked(answer: HttpResponseBase, identity: object) -> tuple[int, dict[str, str], str]:
    """Status, headers and body without the id that was asked for, the date and the request's id."""
    headers = {name: value for name, value in answer.items() if name not in VARYING_HEADERS}
    body = answer.getvalue().decode()
    if request_id := answer.headers.get("X-Request-Id"):
        body = body.replace(request_id, "REQUEST")
    body = re.sub(r'(name="csrf-token" content|name="csrfmiddlewaretoken" value)="\w+"', "CSRF", body)
    text = re.sub(r"nonce-[\w+/=-]+", "nonce-N", str(headers))
    return answer.status_code, {"all": text.replace(str(identity), "ID")}, body.replace(str(identity), "ID")


@pytest.fixture
def of_alice(transactional_db: None, alice: Person) -> dict[str, str]:
    """An object of each kind that is Alice's, made as a program makes it."""
    client = Client(headers=alice.headers)
    conversation = client.post("/api/conversations", {}, content_type="application/json").json()["id"]
    address = f"/api/conversations/{conversation}/turns"
    asked = client.post(address, {"text": "Who may read this?"}, content_type="application/json").json()
    with unit(alice.workspace, alice.user.id):
        Message.objects.filter(id=asked["message"]).update(receipt=RECEIPT)
        token = AccessToken.objects.get(user_id=alice.user.id).id
    signed_in = Client()
    signed_in.force_login(alice.user, backend=BACKEND)
    signed_in.get("/api/me")
    session = BrowserSession.objects.get(user_id=alice.user.id).id
    chat = {"conversation": conversation, "chat": conversation}
    credentials = {"token": str(token), "session": str(session)}
    turn = {"message": asked["message"], "turn": asked["turn"], "question": asked["user_message"]}
    return chat | credentials | turn


def test_every_route_is_listed_and_every_listed_route_exists() -> None:
    routes = {str(route) for route in ROUTES}

    assert routes - set(MATRIX) == set(), "say here who may use it"
    assert set(MATRIX) - routes == set(), "no such route"


def test_an_address_that_names_an_object_asks_whose_it_is() -> None:
    asking = {*OF_OBJECTS, *PAGES_OF_OBJECTS, *PAGES_OF_MEMBERS, *PAGES_OF_INVITATIONS, *BY_SECRET}

    assert {route for route in ROUTES if route.names_an_object} == asking


@pytest.mark.parametrize("route", GUARDED, ids=str)
@pytest.mark.parametrize("token", ["", "Bearer atr_made_up", "Bearer nonsense", "Basic YTpi"])
def test_nobody_gets_in_without_a_credential_that_holds(transactional_db: None, route: Route, token: str) -> None:
    request = getattr(Client(headers={"Authorization": token} if token else {}), route.method.lower())

    assert request(route.address(uuid.uuid4()), content_type="application/json").status_code == 401


@pytest.mark.parametrize("route", PAGES, ids=str)
def test_a_page_leads_whoever_is_not_signed_in_to_sign_in(transactional_db: None, alice: Person, route: Route) -> None:
    by_token = Client(headers=alice.headers | {"Accept": "text/html"})

    assert leads_to_sign_in(visit(route, uuid.uuid4(), None))
    assert leads_to_sign_in(getattr(by_token, route.method.lower())(route.address(uuid.uuid4())))


@pytest.mark.parametrize("route", [*OF_OBJECTS, *PAGES_OF_OBJECTS], ids=str)
def test_the_owner_finds_it(of_alice: dict[str, str], alice: Person, route: Route) -> None:
    answer = ask(route, object_of(route, of_alice), alice)

    assert answer.status_code in ({200, 204, 302, 409} if route in PAGES else {200, 202, 204, 409})
    answer.close()


@pytest.mark.parametrize("route", OF_OBJECTS, ids=str)
def test_a_token_of_another_scope_may_not(of_alice: dict[str, str], alice: Person, route: Route) -> None:
    with unit(alice.workspace, alice.user.id):
        narrow = tokens.create_token(alice.user.id, "narrow", scopes=[Capability.READ_AUDIT])

    answer = ask(route, object_of(route, of_alice), replace(alice, token=narrow))

    assert answer.status_code == 403
    assert b'"capability_missing"' in answer.getvalue()


@pytest.mark.parametrize("route", [*OF_OBJECTS, *PAGES_OF_OBJECTS], ids=str)
def test_a_stranger_cannot_tell_an_object_from_one_that_never_was(
    of_alice: dict[str, str], charlie: Person, route: Route
) -> None:
    real, made_up = object_of(route, of_alice), str(uuid.uuid4())

    answer = masked(ask(route, real, charlie), real)

    assert answer[0] == 404
    assert answer == masked(ask(route, made_up, charlie), made_up)


@pytest.mark.parametrize("route", [*OF_OBJECTS, *PAGES_OF_OBJECTS], ids=str)
def test_a_colleague_and_an_administrator_cannot_either(
    of_alice: dict[str, str], bob: Person, dana: Person, route: Route
) -> None:
    real, made_up = object_of(route, of_alice), str(uuid.uuid4())

    for person in (bob, dana):
        answer = masked(ask(route, real, person), real)
        assert answer[0] == 404
        assert answer == masked(ask(route, made_up, person), made_up)


@pytest.mark.parametrize("route", PAGES_BY_ROLE, ids=str)
@pytest.mark.parametrize("who, role", [("alice", Role.OWNER), ("dana", Role.ADMIN), ("bob", Role.MEMBER)])
def test_a_page_is_open_to_the_roles_that_have_its_capability(
    request: pytest.FixtureRequest, transactional_db: None, alice: Person, route: Route, who: str, role: Role
) -> None:
    person: Person = request.getfixturevalue(who)
    subject = invited(alice) if route in PAGES_OF_INVITATIONS else colleague("eve", alice, Role.MEMBER).user.id
    is_open = ASKED_OF_THE_ROLE[MATRIX[str(route)]] in CAPABILITIES[role]

    assert visit(route, subject, person).status_code in ({200, 201, 302} if is_open else {403})


@pytest.mark.parametrize("route", [*PAGES_OF_MEMBERS, *PAGES_OF_INVITATIONS], ids=str)
def test_a_member_or_an_invitation_of_another_workspace_is_one_that_never_was(
    transactional_db: None, alice: Person, bob: Person, charlie: Person, route: Route
) -> None:
    real = str(invited(alice) if route in PAGES_OF_INVITATIONS else bob.user.id)
    made_up = str(uuid.uuid4())

    answer = masked(ask(route, real, charlie), real)

    assert answer[0] == 404
    assert answer == masked(ask(route, made_up, charlie), made_up)


@pytest.mark.parametrize("route", [*GUARDED, *PAGES], ids=str)
def test_somebody_who_was_shut_out_gets_nothing(
    transactional_db: None, alice: Person, bob: Person, route: Route
) -> None:
    with unit(alice.workspace, alice.user.id):
        members.deactivate_member(alice.actor, bob.user.id)

    assert ask(route, uuid.uuid4(), bob).status_code == 401


@pytest.mark.parametrize("route", BY_SECRET, ids=str)
def test_a_secret_that_was_made_up_opens_nothing(transactional_db: None, alice: Person, route: Route) -> None:
    one, other = (uuid.uuid4().hex for _ in range(2))

    answer = masked(visit(route, one, alice), one)

    assert answer[0] in {200, 302, 404}
    assert 'type="password"' not in answer[2]
    assert answer == masked(visit(route, other, None), other)
