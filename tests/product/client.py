"""A client that behaves as a good one should: it resumes a broken stream after the last event that it saw."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import aiohttp

FINAL = {"done", "stopped", "failed"}
RETRY_SECONDS = 0.1
# What a client meets while a process of the product is being replaced.
INTERRUPTIONS = (aiohttp.ClientError, ConnectionError, TimeoutError)


class Refused(AssertionError):
    """The product answered with an error; `problem` is its body."""

    def __init__(self, status: int, problem: Any) -> None:
        super().__init__(f"{status} {problem}")
        self.status, self.problem = status, problem


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a turn, and when it came (monotonic seconds)."""

    sequence: int
    type: str
    data: dict[str, Any]
    at: float = field(compare=False)


def text_of(events: list[Event]) -> str:
    """All deltas, joined."""
    return "".join(event.data["delta"] for event in events if event.type == "text")


class Client:
    """Speaks to the product at `url` with an access token."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        headers = {"Authorization": f"Bearer {token}"}
        limits = aiohttp.TCPConnector(limit=0)
        timeout = aiohttp.ClientTimeout(total=None, connect=10, sock_read=60)
        self.session = aiohttp.ClientSession(headers=headers, connector=limits, timeout=timeout)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.session.close()

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The JSON that a route answers with.

        Raises:
            Refused: the status is 400 or above.
        """
        async with self.session.request(method, self.url + path, json=body, headers=headers) as answer:
            said = await answer.text()
            problem = json.loads(said) if said else None
            if answer.status >= 400:
                raise Refused(answer.status, problem)
            return problem

    async def conversation(self, **body: Any) -> str:
        """Opens a conversation; its id."""
        made = await self.call("POST", "/api/conversations", body)
        return str(made["id"])

    async def ask(self, conversation: str, text: str, **body: Any) -> dict[str, str]:
        """Sends a question; the ids of turn, message and user_message."""
        answer: dict[str, str] = await self.call(
            "POST", f"/api/conversations/{conversation}/turns", {"text": text, **body}
        )
        return answer

    async def texts(self, conversation: str) -> dict[str, str]:
        """The text of every message of every branch by its id, page by page."""
        found: dict[str, str] = {}
        cursor = ""
        while True:
            page = await self.call("GET", f"/api/conversations/{conversation}/messages?all=true&limit=100{cursor}")
            found |= {item["id"]: item["text"] for item in page["items"]}
            if not page["next_cursor"]:
                return found
            cursor = f"&cursor={page['next_cursor']}"

    async def listen(self, turn: str, after: int = 0) -> AsyncIterator[Event]:
        """The events of one connection; it ends when the connection does."""
        headers = {"Last-Event-ID": str(after)} if after else {}
        async with self.session.get(f"{self.url}/api/turns/{turn}/events", headers=headers) as answer:
            if answer.status == 204:
                return
            if answer.status >= 400:
                raise Refused(answer.status, await answer.text())
            lines: dict[str, str] = {}
            async for raw in answer.content:
                line = raw.decode().rstrip("\n")
                if not line and "data" in lines:
                    data = json.loads(lines["data"])
                    yield Event(int(lines["id"]), lines["event"], data, time.monotonic())
                    lines = {}
                elif line and not line.startswith(":"):
                    name, _, value = line.partition(": ")
                    lines[name] = value

    async def follow(self, turn: str, seen: list[Event], deadline: float) -> list[Event]:
        """Reads until the final event, resuming through any interruption; appends to `seen` as events come.

        Raises:
            TimeoutError: the final event did not come within `deadline` seconds.
        """
        async with asyncio.timeout(deadline):
            while not seen or seen[-1].type not in FINAL:
                try:
                    async for event in self.listen(turn, seen[-1].sequence if seen else 0):
                        seen.append(event)  # noqa: PERF401 - the caller watches it grow
                except INTERRUPTIONS:
                    pass
                except Refused as refused:
                    if refused.status != 503:
                        raise
                await asyncio.sleep(RETRY_SECONDS)
        return seen
