"""Bad input is told apart, answered in the contract's shape, and loses nothing."""

import asyncio
import json
import os
import subprocess
import sys
import uuid
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest

from tests.lanes import Say
from tests.product.client import Client, Refused
from tests.product.conftest import Court
from tests.product.running import ROOT, clean_environment
from tests.proof.rounds import seed

pytestmark = pytest.mark.kills

EXAMPLES = int(os.environ.get("EXAMPLES", "25"))
ALL = "examples,coverage,fuzzing"
# Whoever asks for few examples wants to know soon.
SOME = ALL if EXAMPLES > 25 else "examples,fuzzing"


@dataclass(frozen=True, slots=True)
class Bad:
    """A request that must be refused; CHAT stands for the conversation's id."""

    name: str
    method: str
    path: str
    body: bytes
    status: int
    code: str


TURNS = "/api/conversations/CHAT/turns"
BAD = [
    Bad("no JSON", "POST", TURNS, b"{", 400, "invalid_json"),
    Bad("invalid UTF-8", "POST", TURNS, b'{"text": "\xff\xfe"}', 400, "invalid_json"),
    Bad("not a number", "POST", TURNS, b'{"text": NaN}', 400, "invalid_json"),
    Bad("a surrogate alone", "POST", TURNS, b'{"text": "\\ud800"}', 400, "invalid"),
    Bad("deep nesting", "POST", TURNS, b'{"text": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400, "invalid_json"),
    Bad("too large a body", "POST", TURNS, b'{"text": "' + b"a" * 2_100_000 + b'"}', 413, "too_large"),
    Bad("too long a text", "POST", TURNS, json.dumps({"text": "光" * 200_001}).encode(), 413, "too_large"),
    Bad("a list for an object", "POST", TURNS, b"[]", 400, "invalid"),
    Bad("a number for a text", "POST", TURNS, b'{"text": 7}', 400, "invalid"),
    Bad("no text", "POST", TURNS, b"{}", 400, "invalid"),
    Bad("an empty text", "POST", TURNS, b'{"text": "  "}', 400, "invalid"),
    Bad("a NUL", "POST", TURNS, b'{"text": "a\\u0000b"}', 400, "invalid"),
    Bad("an unknown field", "POST", TURNS, b'{"text": "a", "colour": "red"}', 400, "invalid"),
    Bad("an id that is none", "POST", TURNS, b'{"text": "a", "parent": "x"}', 400, "invalid"),
    Bad(
        "a parent that is none",
        "POST",
        TURNS,
        json.dumps({"text": "a", "parent": str(uuid.uuid4())}).encode(),
        400,
        "invalid",
    ),
    Bad("no such chat", "GET", f"/api/conversations/{uuid.uuid4()}", b"", 404, "not_found"),
    Bad("no id at all", "GET", "/api/conversations/x", b"", 404, "not_found"),
    Bad("no such route", "GET", "/api/nothing", b"", 404, "not_found"),
    Bad("a wrong method", "PUT", "/api/conversations/CHAT", b"{}", 405, "method_not_allowed"),
    Bad("a stream that is written to", "POST", f"/api/turns/{uuid.uuid4()}/events", b"{}", 405, "method_not_allowed"),
    Bad("a hostile cursor", "GET", "/api/conversations?cursor=%00%27;drop", b"", 400, "invalid"),
    Bad("too high a limit", "GET", "/api/conversations?limit=101", b"", 400, "invalid"),
    Bad("a limit of words", "GET", "/api/conversations?limit=many", b"", 400, "invalid"),
    Bad(
        "too long a title",
        "PATCH",
        "/api/conversations/CHAT",
        json.dumps({"title": "a" * 10_000}).encode(),
        400,
        "invalid",
    ),
    Bad("a yes for a boolean", "PATCH", "/api/conversations/CHAT", b'{"pinned": "yes"}', 400, "invalid"),
]


@pytest.mark.parametrize("bad", BAD, ids=[bad.name for bad in BAD])
async def test_bad_input_is_refused_in_the_contracts_shape(court: Court, bad: Bad) -> None:
    async with Client(court.product.url, court.token) as client:
        conversation = await client.conversation(title="Kept")
        url = court.product.url + bad.path.replace("CHAT", conversation)
        headers = {"Content-Type": "application/json"}
        async with client.session.request(
            bad.method, url, data=BytesIO(bad.body) if bad.body else None, headers=headers
        ) as answer:
            problem = json.loads(await answer.text())
        kept = await client.call("GET", f"/api/conversations/{conversation}")

    assert answer.content_type == "application/problem+json"
    assert (answer.status, problem["code"]) == (bad.status, bad.code)
    assert problem["status"] == bad.status
    assert {"type", "title", "detail", "retryable"} <= problem.keys()
    assert kept["title"] == "Kept"
    assert kept["active_leaf"] is None


async def in_chunks(body: bytes) -> AsyncIterator[bytes]:
    """So that the client sends no length."""
    for start in range(0, len(body), 65_536):
        yield body[start : start + 65_536]


async def test_a_body_without_a_length_is_read_whole(court: Court) -> None:
    async with Client(court.product.url, court.token) as client:
        url, headers = f"{court.product.url}/api/conversations", {"Content-Type": "application/json"}
        body = json.dumps({"title": "In chunks"}).encode()
        async with client.session.post(url, data=in_chunks(body), headers=headers) as answer:
            made = await answer.json()
        large = b'{"title": "' + b"a" * 3_000_000 + b'"}'
        async with client.session.post(url, data=in_chunks(large), headers=headers) as refused:
            problem = json.loads(await refused.text())

    assert (answer.status, made["title"]) == (201, "In chunks")
    assert (refused.status, problem["code"]) == (413, "too_large")


async def test_unfinished_requests_hold_up_nobody(court: Court) -> None:
    host, port = court.product.url.removeprefix("http://").split(":")
    head = f"POST /sign-in HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: 1000\r\n\r\nbegun".encode()
    opened = [await asyncio.open_connection(host, int(port)) for _ in range(40)]
    for _, writer in opened:
        writer.write(head)
        await writer.drain()

    async with Client(court.product.url, court.token) as client, asyncio.timeout(5):
        assert (await client.call("GET", "/api/me"))["user"]["email"] == "owner@example.org"
        await client.conversation(title="Meanwhile")

    for _, writer in opened:
        writer.close()


async def test_a_number_beyond_every_integer_is_refused_with_an_idempotency_key_too(court: Court) -> None:
    async with Client(court.product.url, court.token) as client:
        for headers in ({}, {"Idempotency-Key": uuid.uuid4().hex}):
            with pytest.raises(Refused) as refused:
                await client.call("POST", "/api/conversations", {"title": 10**30}, **headers)
            assert refused.value.status == 400


Statuses = dict[str, Counter[int]]


def exercised(court: Court, token: str, folder: Path, phases: str, own: dict[str, str] | None = None) -> Statuses:
    """What each operation of the schema answered. `own` are ids that stand in all addresses, which nobody deletes then.

    Raises:
        AssertionError: an answer was a server error.
    """
    settings, report = folder / "schemathesis.toml", folder / "report.ndjson"
    settings.write_text("[parameters]\n" + "".join(f'"path.{name}" = "{id}"\n' for name, id in (own or {}).items()))
    command = [
        sys.executable, "-m", "schemathesis.cli", "--config-file", str(settings),
        "run", f"{court.product.url}/api/schema", "--checks", "not_a_server_error",
        "--phases", phases, "--max-examples", str(EXAMPLES), "--seed", str(seed()),
        "--generation-database", "none", "--no-color", "--request-timeout", "20",
        "--report", "ndjson", "--report-ndjson-path", str(report),
    ]  # fmt: skip
    command += ["--header", f"Authorization: Bearer {token}"] if token else []
    command += ["--exclude-method", "DELETE"] if own else []
    done = subprocess.run(command, cwd=ROOT, env=clean_environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-1000:]
    answered: Statuses = defaultdict(Counter)
    for line in report.read_text().splitlines():
        recorder = json.loads(line).get("ScenarioFinished", {}).get("recorder", {})
        for each in recorder.get("interactions", {}).values():
            answered[recorder["label"]][each["response"]["status_code"]] += 1
    return answered


async def operations(court: Court) -> set[str]:
    """Every operation that the schema has."""
    async with Client(court.product.url, court.token) as client:
        paths = (await client.call("GET", "/api/schema"))["paths"]
    return {f"{method.upper()} {path}" for path, its in paths.items() for method in its}


@pytest.fixture(scope="session")
def member_token(court: Court) -> str:
    email = "member@example.org"
    court.product.manage("create_user", "--email", email, given="a long enough pass phrase\n")
    return court.product.manage("create_key", "--email", email, "--name", "test")


async def test_no_input_that_the_schema_allows_or_forbids_makes_a_server_error(
    court: Court, member_token: str, tmp_path: Path, say: Say
) -> None:
    answered = await asyncio.to_thread(exercised, court, member_token, tmp_path, ALL)

    assert answered.keys() == await operations(court)
    say(f"schemathesis: {sum(map(Counter.total, answered.values()))} requests to {len(answered)} operations")


async def test_whoever_is_not_known_gets_nothing_but_that_by_any_input(court: Court, tmp_path: Path) -> None:
    answered = await asyncio.to_thread(exercised, court, "", tmp_path, SOME)

    assert answered.keys() == await operations(court)
    assert {status for its in answered.values() for status in its if status < 400} == set()
    assert all(its[401] for its in answered.values())


async def test_no_input_makes_a_server_error_of_what_is_there(court: Court, tmp_path: Path) -> None:
    """The ids in the addresses are those of a chat of whoever asks, so that all that is behind them is reached."""
    async with Client(court.product.url, court.token) as client:
        conversation = await client.conversation(title="Hostile")
        made = await client.ask(conversation, "Who sleeps?")
        await client.call("POST", f"/api/turns/{made['turn']}/stop")
        await client.follow(made["turn"], [], 30)
    own = {"conversation": conversation, "message": made["message"], "turn": made["turn"]}
    answered = await asyncio.to_thread(exercised, court, court.token, tmp_path, SOME, own)

    assert answered.keys() == {name for name in await operations(court) if not name.startswith("DELETE")}
    assert {name for name, its in answered.items() if its.keys() <= {404, 405}} == set()
