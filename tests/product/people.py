"""Simulated people: each goes on with chats of their own and remembers all that was acknowledged to them."""

import asyncio
import random
import time
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from tests.product.client import FINAL, INTERRUPTIONS, Client, Event, Refused, text_of
from tests.product.visitor import Visitor

# What no log may hold: it stands in every question, title and draft.
MARKER = "soak-word"
# Statuses by which a product that has just lost a process says: again, please.
AWAY = {502, 503, 504}
# Longer than any promise of coming back: whoever still gets no answer then has lost something.
PATIENCE = 90
TURN_SECONDS = 180


@dataclass(slots=True)
class Kept:
    """What a person knows of one chat: the title they gave, and the text of each message by its id."""

    title: str = ""
    texts: dict[str, str] = field(default_factory=dict)
    # The answers that may be asked again or gone on with, in the order of writing.
    answers: list[str] = field(default_factory=list)
    # The last turn and its answer, where it was stopped.
    stopped: tuple[str, str] | None = None


@dataclass(slots=True)
class Diary:
    """What all people together met."""

    first_words: list[tuple[float, float]] = field(default_factory=list)
    pages: list[tuple[float, float]] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    interruptions: Counter[str] = field(default_factory=Counter)
    answers: list[str] = field(default_factory=list)


class Person:
    """Somebody with an access token, or with a browser when `browser` is signed in; never does two things at once."""

    def __init__(self, client: Client, chance: random.Random, diary: Diary) -> None:
        self.client, self.chance, self.diary = client, chance, diary
        self.chats: dict[str, Kept] = {}
        self.gone: list[str] = []

    async def live(self, until: float, think: tuple[float, float]) -> None:
        """Does one thing after another until that time (monotonic), with seconds of thought between."""
        while time.monotonic() < until:
            deed = self._next()
            await deed()
            self.diary.done[deed.__name__.strip("_")] += 1
            await asyncio.sleep(self.chance.uniform(*think))

    def _next(self) -> Callable[[], Awaitable[None]]:
        if not self.chats:
            return self._begin
        deeds: dict[Callable[[], Awaitable[None]], int] = {
            self._begin: 2,
            self._ask: 10,
            self._stop: 2,
            self._go_on: 2,
            self._ask_again: 2,
            self._branch: 2,
            self._rename: 1,
            self._keep: 1,
            self._delete: 1,
            self._read: 3,
            self._try_temporary: 1,
        }
        if isinstance(self.client, Visitor):
            deeds |= {self._look: 6, self._draft: 1}
        return self.chance.choices(list(deeds), list(deeds.values()))[0]

    async def _begin(self) -> None:
        title = f"{MARKER} {uuid.uuid4().hex}"
        made = await self._post("/api/conversations", {"title": title})
        self.chats[made["id"]] = Kept(title)
        await self._ask_in(made["id"], {})

    async def _ask(self) -> None:
        await self._ask_in(self._any(), {})

    async def _branch(self) -> None:
        chat = self._any()
        answers = self.chats[chat].answers
        parent = self.chance.choice([*answers, None])
        await self._ask_in(chat, {"parent": parent})

    async def _stop(self) -> None:
        chat = self._any()
        await self._ask_in(chat, {}, stop_at=self.chance.randint(5, 60))

    async def _ask_again(self) -> None:
        chat = self._any()
        kept = self.chats[chat]
        if kept.answers:
            asked = await self._post(f"/api/messages/{self.chance.choice(kept.answers)}/regenerate", {})
            await self._heard(kept, asked["turn"], asked["message"])

    async def _go_on(self) -> None:
        """With an answer that was stopped, while nothing follows it."""
        kept = self.chats[self._any()]
        if kept.stopped:
            (before, message), kept.stopped = kept.stopped, None
            following = await self._post(f"/api/turns/{before}/continue", {}, but=409)
            if following is not None:  # nothing had followed it
                await self._heard(kept, following["turn"], message, kept.texts[message])

    async def _rename(self) -> None:
        chat, title = self._any(), f"{MARKER} {uuid.uuid4().hex}"
        await self._call("PATCH", f"/api/conversations/{chat}", {"title": title})
        self.chats[chat].title = title

    async def _keep(self) -> None:
        change = {"pinned": self.chance.random() < 0.5, "archived": self.chance.random() < 0.2}
        changed = await self._call("PATCH", f"/api/conversations/{self._any()}", change)
        assert {name: changed[name] for name in change} == change

    async def _delete(self) -> None:
        if len(self.chats) < 3:
            return
        chat = self._any()
        # 404 where a first try was done and its answer lost.
        await self._call("DELETE", f"/api/conversations/{chat}", but=404)
        del self.chats[chat]
        self.gone.append(chat)

    async def _read(self) -> None:
        await self.check(self._any())

    async def _try_temporary(self) -> None:
        made = await self._post("/api/conversations", {"temporary": True})
        kept = Kept()
        asked = await self._post(f"/api/conversations/{made['id']}/turns", {"text": f"{MARKER} {uuid.uuid4().hex}"})
        await self._heard(kept, asked["turn"], asked["message"])

    async def _look(self) -> None:
        """Opens pages as a browser does."""
        for path in ("/", f"/chats/{self._any()}", "/sidebar", "/account"):
            began = time.monotonic()
            assert await self._persistently(partial(self._opened, path)) == 200
            self.diary.pages.append((began, time.monotonic() - began))

    async def _draft(self) -> None:
        browser = self.client
        assert isinstance(browser, Visitor)
        with suppress(*INTERRUPTIONS):
            await browser.submit(f"/chats/{self._any()}/draft", text=f"{MARKER} {uuid.uuid4().hex}")

    async def _opened(self, path: str) -> int:
        assert isinstance(self.client, Visitor)
        status = await self.client.open(path)
        if status in AWAY:
            raise Refused(status, None)
        return status

    async def _ask_in(self, chat: str, body: dict[str, Any], stop_at: int = 0) -> None:
        kept, text = self.chats[chat], f"What of {MARKER} {uuid.uuid4().hex}? 光"
        began = time.monotonic()
        asked = await self._post(f"/api/conversations/{chat}/turns", {"text": text, **body})
        kept.texts[asked["user_message"]] = text
        seen = await self._heard(kept, asked["turn"], asked["message"], stop_at=stop_at)
        if first := next((event.at for event in seen if event.type == "text"), None):
            self.diary.first_words.append((began, first - began))

    async def _heard(self, kept: Kept, turn: str, message: str, before: str = "", stop_at: int = 0) -> list[Event]:
        """Follows an answer to its end, sometimes from a second tab as well, and remembers it."""
        seen: list[Event] = []
        following = asyncio.create_task(self.client.follow(turn, seen, TURN_SECONDS))
        while stop_at and len(seen) < stop_at and not following.done():
            await asyncio.sleep(0.02)
        if stop_at:
            await self._post(f"/api/turns/{turn}/stop", {})
        await following
        assert [event.sequence for event in seen] == list(range(1, len(seen) + 1)), "a gap, or an event twice"
        assert seen[-1].type in FINAL - {"failed"}, seen[-1].data.get("code")
        if self.chance.random() < 0.1:
            assert await self.client.follow(turn, [], TURN_SECONDS) == seen, "a replay differs"
        kept.texts[message] = before + text_of(seen)
        kept.answers.append(message)
        kept.stopped = (turn, message) if seen[-1].type == "stopped" else None
        self.diary.answers.append(kept.texts[message])
        return seen

    async def check(self, chat: str) -> None:
        """Finds all that was acknowledged of a chat, to the letter."""
        kept = self.chats[chat]
        shown = await self._call("GET", f"/api/conversations/{chat}")
        assert shown["title"] == kept.title, "another title"
        found = await self._persistently(lambda: self.client.texts(chat))
        assert found == kept.texts, f"{len(found)} messages where {len(kept.texts)} were acknowledged"

    async def check_all(self) -> int:
        """Every chat, and that what was deleted is gone. Returns how many messages were found."""
        for chat in self.chats:
            await self.check(chat)
        for chat in self.gone:
            assert await self._call("GET", f"/api/conversations/{chat}", but=404) is None, "a deleted chat is there"
        return sum(len(kept.texts) for kept in self.chats.values())

    def _any(self) -> str:
        return self.chance.choice(list(self.chats))

    async def _post(self, path: str, body: dict[str, Any], but: int = 0) -> Any:
        """Once, however often it has to be sent."""
        return await self._call("POST", path, body, but=but, key=uuid.uuid4().hex)

    async def _call(self, method: str, path: str, body: Any = None, *, but: int = 0, key: str = "") -> Any:
        """The answer; None where it is refused with the status `but`."""
        headers = {"Idempotency-Key": key} if key else {}
        try:
            return await self._persistently(lambda: self.client.call(method, path, body, **headers))
        except Refused as refused:
            if refused.status != but:
                raise
            return None

    async def _persistently(self, call: Callable[[], Awaitable[Any]]) -> Any:
        """As a good client does: again, while the product says that it will be back."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return await call()
            except INTERRUPTIONS as fault:
                self.diary.interruptions[type(fault).__name__] += 1
                if time.monotonic() > until:
                    raise
            except Refused as refused:
                if refused.status not in AWAY or time.monotonic() > until:
                    raise
                self.diary.interruptions[str(refused.status)] += 1
            await asyncio.sleep(0.2)
