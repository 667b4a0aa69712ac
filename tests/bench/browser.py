"""What pages cost in Chromium: a long chat until it can be used, an answer while it comes, and the bytes of a chat."""

import time
from collections.abc import Iterator

from playwright.sync_api import Browser, Page, Playwright

from tests.bench.figures import Figure
from tests.browser.chromium import chromium
from tests.browser.court import PASSWORD, Court, Person
from tests.browser.tracing import counted, traced
from tests.fakes.engines import EngineProcess, engine_process
from tests.fakes.sayings import sayings
from tests.product.running import Product, running_product

EMAIL, MESSAGES, LOADS, ANSWERS = "owner@example.org", 2_000, 5, 3
# Whatever the page loads has run, its elements are defined, and the main thread has nothing left to do.
INTERACTIVE = """() => new Promise(done => {
  const idle = () => requestIdleCallback(done, {timeout: 10000});
  document.readyState === "complete" ? idle() : addEventListener("load", idle, {once: true});
})"""


def _court(running: tuple[Playwright, Browser], product: Product, engine: EngineProcess) -> Court:
    product.manage("create_owner", "--email", EMAIL, "--workspace", "Court", given=f"{PASSWORD}\n")
    token = product.manage("create_key", "--email", EMAIL, "--name", "bench")
    return Court(*running, product, engine, {"en": Person(EMAIL, "", "en", token)})


def _opened(page: Page, path: str) -> None:
    page.goto(path)
    page.evaluate(INTERACTIVE)


def long_chat(court: Court) -> Iterator[Figure]:
    """Thread time from the navigation until the chat can be used, in a browser that has nothing of it."""
    chat = court.product.manage("seed", "--email", EMAIL, "--messages", str(MESSAGES)).splitlines()[-1]
    spent = []
    for _ in range(LOADS):
        with court.inside(court.people["en"]) as visit:
            visit.page.goto("about:blank")
            with traced(court.browser, visit.page) as thread:
                _opened(visit.page, f"/chats/{chat}")
            spent.append(thread.busy)
    yield Figure.of(f"chat_of_{MESSAGES}_messages_main_thread", spent, "ms", goal=500)


def watched(court: Court) -> tuple[float, float]:
    """One answer of 100 tokens a second, drawn as it grows: percent of the main thread, and its longest task in ms."""
    api = court.api(court.people["en"])
    with court.inside(court.people["en"]) as visit:
        visit.page.emulate_media(reduced_motion="no-preference")
        chat = api.conversation()
        asked = api.ask(chat, sayings()["steady"].asked)
        _opened(visit.page, f"/chats/{chat}")
        before = len(visit.page.inner_text("main"))
        began = time.monotonic()
        with traced(court.browser, visit.page) as thread:
            while api.state(asked["turn"]) in {"queued", "running"}:
                visit.page.wait_for_timeout(200)
            seconds = time.monotonic() - began
        grown = len(visit.page.inner_text("main")) - before
    assert grown > 2_000, f"{grown} characters came in {seconds:.1f} s: too few to measure by"
    return 100 * thread.busy / 1000 / seconds, thread.longest


def answer(court: Court) -> Iterator[Figure]:
    """The main thread while an answer comes, a few times."""
    busy, longest = zip(*(watched(court) for _ in range(ANSWERS)), strict=True)
    yield Figure.of("answer_at_100_tokens_main_thread", busy, "% of a core", goal=20)
    yield Figure.of("answer_at_100_tokens_longest_task", longest, "ms", goal=50)


def weight(court: Court) -> Iterator[Figure]:
    """Everything that a browser loads for a chat with one answer, compressed, when it has nothing of it yet."""
    api = court.api(court.people["en"])
    chat = api.conversation()
    api.told(chat, sayings()["report"].asked)
    with court.inside(court.people["en"]) as visit:
        state = visit.page.context.storage_state()
    with court.visit("en", storage_state=state) as visit, counted(visit.page) as sizes:
        _opened(visit.page, f"/chats/{chat}")
        weighed = sum(sizes)
    yield Figure("chat_page_bytes", weighed / 1000, "kB", goal=150)


def run() -> Iterator[Figure]:
    """Starts a product of its own in front of a fake engine, and a browser in front of both."""
    with (
        chromium() as running,
        engine_process("--rate", "100", "--analysis", "0") as engine,
        running_product({"ENGINE_URL": engine.url}) as product,
    ):
        court = _court(running, product, engine)
        yield from long_chat(court)
        yield from answer(court)
        yield from weight(court)
