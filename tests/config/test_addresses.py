"""Health, the description of the API, and what every answer carries."""

import re

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import AsyncClient, Client

from workspace.config import checks


async def test_a_live_process_says_so() -> None:
    assert (await AsyncClient().get("/health/live")).json() == {"status": "live"}


@pytest.mark.django_db(transaction=True)
async def test_a_process_that_can_serve_is_ready() -> None:
    answer = await AsyncClient().get("/health/ready")

    assert answer.status_code == 200
    assert answer.json() == {"status": "ready", "parts": {"database": "ok", "broker": "ok"}}


@pytest.mark.django_db(transaction=True)
async def test_an_absent_broker_is_told_and_stops_no_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "REDIS_URL", "redis://127.0.0.1:1/0")

    answer = await AsyncClient().get("/health/ready")

    assert (answer.status_code, answer.json()["parts"]["broker"]) == (200, "unreachable")


@pytest.mark.django_db(transaction=True)
async def test_an_absent_database_takes_the_process_out_of_service(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError

    from workspace.config import health

    async def away() -> str:
        raise OperationalError("connection refused")

    monkeypatch.setattr(health, "_database", away)

    answer = await AsyncClient().get("/health/ready")

    assert (answer.status_code, answer.json()["parts"]["database"]) == (503, "unreachable")


def test_the_description_is_openapi_3_1_and_tells_the_problem_object(client: Client) -> None:
    described = client.get("/api/schema").json()

    assert described["openapi"] == "3.1.0"
    assert set(described["components"]["securitySchemes"]) == {"token", "session"}
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            told = operation["responses"]["default"]["content"]["application/problem+json"]["schema"]
            assert told == {"$ref": "#/components/schemas/Problem"}, f"{method} {path}"


def test_the_readable_page_loads_nothing_from_elsewhere(client: Client) -> None:
    page = client.get("/api/docs").content.decode()

    assert re.findall(r'(?:src|href)="(?!/)[^"]*"', page) == []


def test_a_page_has_a_policy_with_a_nonce_of_its_own(client: Client, db: None) -> None:
    cache.clear()
    policies = {client.get("/sign-in")["Content-Security-Policy"] for _ in range(3)}

    assert len(policies) == 3
    assert all("'unsafe-inline'" not in policy and "default-src 'none'" in policy for policy in policies)


def test_an_answer_for_programs_is_kept_nowhere_and_guessed_at_by_nobody(client: Client) -> None:
    answer = client.get("/api/nowhere")

    assert answer["Cache-Control"] == "private, no-store"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"


def test_the_bare_address_leads_to_the_sign_in(client: Client, db: None) -> None:
    assert client.get("/")["Location"] == "/sign-in?next=/"


@pytest.mark.parametrize(
    "name, value, id",
    [
        ("ATRIUM_KEY", "short", "atrium.E011"),
        ("ATRIUM_URL", "localhost", "atrium.E012"),
        ("REDIS_URL", "http://localhost", "atrium.E013"),
        ("ATRIUM_ROLE", "root", "atrium.E014"),
    ],
)
def test_a_wrong_value_is_found_before_the_start_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, id: str
) -> None:
    monkeypatch.setattr(settings, name, value)

    found = checks.key_usable(None) + checks.values_usable(None)

    assert [fault.id for fault in found] == [id]
    assert value not in found[0].msg.replace(name, "")


def test_nothing_starts_without_an_audit_writer(monkeypatch: pytest.MonkeyPatch) -> None:
    from workspace.common import audit

    assert checks.writer_installed(None) == []
    monkeypatch.setattr(audit, "_writers", [])

    assert [fault.id for fault in checks.writer_installed(None)] == ["atrium.E010"]


@pytest.mark.django_db
@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000"])
def test_forms_work_under_each_name_of_this_machine_and_from_no_other_site(host: str) -> None:
    client = Client(enforce_csrf_checks=True, headers={"host": host})
    client.get("/sign-in")
    form = {"csrfmiddlewaretoken": client.cookies[settings.CSRF_COOKIE_NAME].value, "login": "a@example.org"}

    def status(origin: str) -> int:
        return client.post("/sign-in", form, headers={"origin": origin}).status_code

    assert status(f"http://{host}") == 200
    assert status("http://elsewhere.example") == 403
    assert status("null") == 403
