"""Engines that cannot be used: each is named with what to do, everywhere a person looks, and the rest works."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.request import urlopen

import pytest

from inference.conf import NANO
from tests.fakes.engines import engine_process
from tests.product.client import Client, text_of
from tests.product.running import ROOT, Product, running_product

pytestmark = pytest.mark.slow

NOBODY = "http://127.0.0.1:9"
SOON = 15.0  # seconds in which a turn without an engine has to fail


class ChatOnly(BaseHTTPRequestHandler):
    """Lists a model, and knows none of the addresses by which an engine is recognised."""

    def do_GET(self) -> None:
        body = json.dumps({"data": [{"id": "m"}]} if self.path == "/v1/models" else {"error": "not found"}).encode()
        self.send_response(200 if self.path == "/v1/models" else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing to say."""


@pytest.fixture(scope="module")
def chat_only() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), ChatOnly) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@dataclass(frozen=True, slots=True)
class Seen:
    """A product without a usable engine, and what `up` printed about it."""

    product: Product
    token: str

    def up(self) -> str:
        return (self.product.home / "up.log").read_text()

    def said_in_time(self, *words: str) -> str:
        """What `up` has printed, once it has all of these words."""
        deadline = time.monotonic() + 30
        while not all(word in self.up() for word in words) and time.monotonic() < deadline:
            time.sleep(0.1)
        return self.up()

    def command(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env=self.product.environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    async def failure(self) -> tuple[dict[str, Any], float]:
        """The final event of a turn, and the seconds until it came."""
        async with Client(self.product.url, self.token) as client:
            began = time.monotonic()
            asked = await client.ask(await client.conversation(), "hello")
            events = await client.follow(asked["turn"], [], deadline=60)
        return {"type": events[-1].type, **events[-1].data}, time.monotonic() - began

    def serves(self) -> bool:
        """Whether the web answers, and shows the way in."""
        pages = (f"{self.product.url}/health/ready", f"{self.product.url}/sign-in")
        return all(urlopen(page, timeout=5).status == 200 for page in pages)  # noqa: S310


@pytest.fixture(scope="module")
def elsewhere(chat_only: str) -> Iterator[Seen]:
    """Three addresses: nobody, a chat-only server, and an engine that wants another key."""
    with engine_process("--key", "another") as locked:
        settings = {"ENGINE_URL": f"{NOBODY},{chat_only},{locked.url}", "ENGINE_KEY": "mine"}
        with running_product(settings) as product:
            yield Seen(product, product.owner_token())


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    """A model file that was not downloaded to its end, so that its engine dies at once, and again."""
    cut = tmp_path_factory.mktemp("models") / "gpt-oss-20b.gguf"
    cut.write_bytes(NANO.read_bytes()[:3_000_000])
    with running_product({"GGUF": str(cut)}) as product:
        yield Seen(product, product.owner_token())


def test_each_engine_elsewhere_that_cannot_be_used_is_named_by_up_and_status(elsewhere: Seen) -> None:
    words = ("engine-1: The engine does not answer", "neither llama.cpp", "engine-3: The engine wants another key")

    up, status = elsewhere.said_in_time(*words), elsewhere.command("status").stdout

    assert [word for word in words if word not in up] == []
    assert [word for word in words if word not in status] == []


def test_doctor_names_each_and_fails(elsewhere: Seen) -> None:
    told = elsewhere.command("doctor")

    assert told.returncode == 1
    assert f"{NOBODY}: The engine does not answer" in told.stdout
    assert "neither llama.cpp" in told.stdout
    assert "-> Start it, or correct ENGINE_URL" in told.stdout


async def test_a_turn_fails_soon_and_says_what_to_do_while_the_rest_works(elsewhere: Seen) -> None:
    event, seconds = await elsewhere.failure()

    assert (event["type"], event["code"]) == ("failed", "engine_unavailable")
    assert "ENGINE_URL" in event["detail"]
    assert "127.0.0.1" not in event["detail"]
    assert seconds < SOON
    assert elsewhere.serves()


def test_a_broken_model_file_is_named_by_up_and_status_and_doctor(broken: Seen) -> None:
    why = "ends in the middle of its weights. Download it again"

    up, status, doctor = broken.said_in_time(why), broken.command("status"), broken.command("doctor")

    assert up.count(why) == 1
    assert why in status.stdout
    assert doctor.returncode == 1
    assert "gpt-oss-20b.gguf: the model file ends in the middle of its weights" in doctor.stdout
    assert "-> Download it again" in doctor.stdout


async def test_with_a_broken_model_file_a_turn_fails_soon_while_the_rest_works(broken: Seen) -> None:
    event, seconds = await broken.failure()

    assert (event["type"], event["code"]) == ("failed", "engine_unavailable")
    assert "Download it again" in event["detail"]
    assert seconds < SOON
    assert broken.serves()


def test_the_owners_link_is_gone_as_soon_as_there_is_an_owner(broken: Seen) -> None:
    assert "\nready " in broken.up()
    assert broken.up().split("\nready ")[1].splitlines()[1].startswith("owner ")
    assert broken.product.status()["owner_url"] is None


async def test_the_test_model_answers_every_question_with_text() -> None:
    """Nonsense, but some: the first thing that a newcomer sees."""
    questions = ("Who are you?", "hello", "京都で会議ができる場所は？", "Plan the offsite", "2 + 2?", "And now?")
    with running_product({}) as product:
        async with Client(product.url, product.owner_token()) as client:
            for question in questions * 3:
                asked = await client.ask(await client.conversation(), question)
                events = await client.follow(asked["turn"], [], deadline=60)
                assert (events[-1].type, bool(text_of(events))) == ("done", True)
