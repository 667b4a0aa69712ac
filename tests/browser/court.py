"""A product with people in it, as the walks meet it, and what a test sees of a visit."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from playwright.sync_api import APIRequestContext, Browser, BrowserContext, Page, Playwright, ViewportSize

from tests.browser.words import Words
from tests.fakes.engines import EngineProcess
from tests.product.running import Product

PASSWORD = "seven quiet rooms around a court"
WIDE, PHONE = ViewportSize(width=1280, height=800), ViewportSize(width=390, height=844)
LOCALES = {"en": "en-GB", "ja": "ja-JP"}


@dataclass(frozen=True, slots=True)
class Person:
    """Who walks, with a token for what is not worth walking."""

    email: str
    name: str
    language: str
    token: str

    @property
    def words(self) -> Words:
        return Words(self.language)


@dataclass(frozen=True, slots=True)
class Visit:
    """A browser's context with its page. `complaints`: what the console said in anger, and requests to elsewhere."""

    page: Page
    words: Words
    complaints: list[str] = field(default_factory=list)

    def expect_refusal(self, status: int) -> None:
        """Takes back the browser's own line about an answer with an error status, which may come after the page."""
        words = f"status of {status}"
        if not any(words in said for said in self.complaints):
            self.page.wait_for_event("console", lambda said: words in said.text)
        line = next(said for said in self.complaints if words in said)
        self.complaints.remove(line)

    def forgive(self, words: str) -> None:
        """Takes back what the browser said of a request that the test broke."""
        self.complaints[:] = [said for said in self.complaints if words not in said]


@dataclass(frozen=True, slots=True)
class Court:
    """The running product in front of the fake engine, and two owners of its workspace, one for each language."""

    playwright: Playwright
    browser: Browser
    product: Product
    engine: EngineProcess | None
    people: dict[str, Person]

    def api(self, person: Person) -> "Api":
        """The product's API, as this person."""
        headers = {"Authorization": f"Bearer {person.token}"}
        context = self.playwright.request.new_context(base_url=self.product.url, extra_http_headers=headers)
        return Api(context, self.product.url, headers)

    def person(self, email: str, name: str, language: str = "en", role: str = "member") -> Person:
        """Somebody new in the workspace."""
        options = ("--email", email, "--name", name, "--role", role)
        self.product.manage("create_user", *options, given=f"{PASSWORD}\n")
        return Person(email, name, language, self.product.manage("create_key", "--email", email, "--name", "walk"))

    @contextmanager
    def visit(self, language: str = "en", size: ViewportSize = WIDE, **context: Any) -> Iterator[Visit]:
        """A new browser of nobody. What it complains about fails the test at the end."""
        made = self.browser.new_context(
            base_url=self.product.url, locale=LOCALES[language], viewport=size, reduced_motion="reduce", **context
        )
        visit = Visit(made.new_page(), Words(language))
        watch(made, visit.page, self.product.url, visit.complaints)
        try:
            yield visit
        finally:
            made.close()
        assert visit.complaints == []

    @contextmanager
    def inside(self, person: Person, size: ViewportSize = WIDE, **context: Any) -> Iterator[Visit]:
        """A new browser in which this person has signed in."""
        with self.visit(person.language, size, **context) as visit:
            sign_in(visit, person.email)
            yield visit


def watch(context: BrowserContext, page: Page, url: str, complaints: list[str]) -> None:
    """Notes errors of the console and of scripts, and requests that would leave the product."""
    ours = urlsplit(url).netloc
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))

    def asked(address: str) -> None:
        if urlsplit(address).scheme not in {"data", "blob"} and urlsplit(address).netloc != ours:
            complaints.append(f"request to {address}")

    context.on("request", lambda request: asked(request.url))


def sign_in(visit: Visit, email: str, password: str = PASSWORD) -> None:
    """By the form, to the start page."""
    page, words = visit.page, visit.words
    page.goto("/sign-in")
    page.locator("[name=login]").fill(email)
    page.locator("[name=password]").fill(password)
    page.get_by_role("button", name=words("Sign in"), exact=True).click()
    page.wait_for_url(lambda address: "/sign-in" not in address)


@dataclass(frozen=True, slots=True)
class Api:
    """Asks for what a walk stands on; anything but success fails the test."""

    context: APIRequestContext
    url: str
    headers: dict[str, str]

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        answer = self.context.post(path, data=body or {})
        assert answer.ok, answer.text()
        return answer.json()

    def get(self, path: str) -> Any:
        answer = self.context.get(path)
        assert answer.ok, answer.text()
        return answer.json()

    def patch(self, path: str, body: dict[str, Any]) -> None:
        answer = self.context.patch(path, data=body)
        assert answer.ok, answer.text()

    def conversation(self, **body: Any) -> str:
        """A new one; its id."""
        return str(self.post("/api/conversations", body)["id"])

    def ask(self, conversation: str, text: str) -> dict[str, str]:
        """Sends a question; the ids of turn, message and user_message."""
        asked: dict[str, str] = self.post(f"/api/conversations/{conversation}/turns", {"text": text})
        return asked

    def begun(self, conversation: str, text: str, words: int = 20) -> dict[str, str]:
        """Sends a question and returns when so many pieces of its answer are there."""
        asked = self.ask(conversation, text)
        request = Request(f"{self.url}/api/turns/{asked['turn']}/events", headers=self.headers)  # noqa: S310
        with urlopen(request, timeout=30) as answer:  # noqa: S310 - the product under test
            for line in answer:
                words -= line.startswith(b"event: text")
                if not words:
                    return asked
        raise AssertionError("the answer ended too early")

    def stopped(self, conversation: str, text: str) -> dict[str, str]:
        """Sends a question and stops its answer in the middle."""
        asked = self.begun(conversation, text)
        self.post(f"/api/turns/{asked['turn']}/stop")
        self.context.get(f"/api/turns/{asked['turn']}/events", timeout=60_000)
        return asked

    def told(self, conversation: str, text: str) -> dict[str, str]:
        """Sends a question and returns when its answer is there."""
        asked = self.ask(conversation, text)
        self.context.get(f"/api/turns/{asked['turn']}/events", timeout=60_000)
        return asked

    def state(self, turn: str) -> str:
        return str(self.get(f"/api/turns/{turn}")["status"])
