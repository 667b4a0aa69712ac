"""Static files: straight from the folders of the apps, under an address that changes with them, compressed once.

The address holds a digest of all files, so a browser may keep each for a year, and an upgrade is seen at once. Relative
imports between modules stay as they are written. Nothing has to be collected before a start.
"""

import asyncio
import gzip
import hashlib
from functools import cache
from pathlib import Path
from typing import Any, Final
from wsgiref.headers import Headers

from django.contrib.staticfiles.finders import AppDirectoriesFinder
from django.contrib.staticfiles.storage import StaticFilesStorage
from servestatic import ServeStaticASGI

from workspace.common.whole_bodies import Message, Receive, Send

ROOT: Final = "/static/"
COMPRESSIBLE: Final = {".css", ".js", ".svg", ".json", ".html", ".txt"}
# A smaller file is not worth it.
SMALLEST: Final = 500  # bytes


@cache
def version() -> str:
    """A digest of the content of all static files: the same on every machine that runs the same code."""
    digest = hashlib.sha256()
    for name, path in sorted(files().items()):
        digest.update(f"{name}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def files() -> dict[str, Path]:
    """The files of all apps, by the names that pages call them."""
    return {str(path.relative_to(folder)): path for folder in folders() for path in folder.rglob("*") if path.is_file()}


def folders() -> list[Path]:
    """The folders of the apps that have one."""
    return [Path(storage.location) for storage in AppDirectoriesFinder().storages.values()]


class Versioned(StaticFilesStorage):
    """Django's names for the files: what `{% static %}` writes."""

    def url(self, name: str | None) -> str:
        """The address of a file of this version."""
        return f"{ROOT}{version()}/{name}"


class StaticFiles:
    """Answers for the static files, and gives everything else to `served`.

    A page of an earlier version, open while the server was upgraded, finds its files under the old address: it is given
    those of now, which nobody may keep.
    """

    def __init__(self, served: Any) -> None:
        self._served = served
        self._prefix = f"{ROOT}{version()}/"
        self._files = ServeStaticASGI(
            served, allow_all_origins=False, immutable_file_test=kept_for_ever, add_headers_function=guarded
        )
        self._paths = {self._prefix + name: path for name, path in files().items()}
        self._compressed: dict[str, bytes | None] = {}
        for folder in folders():
            self._files.add_files(str(folder), prefix=self._prefix)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] != "http" or not path.startswith(ROOT):
            await self._served(scope, receive, send)
            return
        if not path.startswith(self._prefix):
            path = self._prefix + path.removeprefix(ROOT).partition("/")[2]
            send = not_kept(send)
        compressed = await self._small(path) if is_whole(scope) else None
        if compressed is not None:
            send = replaced(send, compressed)
        await self._files({**scope, "path": path}, receive, send)

    async def _small(self, path: str) -> bytes | None:
        """The compressed file, made once; None for one that does not get smaller."""
        if path not in self._paths or self._paths[path].suffix not in COMPRESSIBLE:
            return None
        if path not in self._compressed:
            self._compressed[path] = await asyncio.to_thread(compressed, self._paths[path])
        return self._compressed[path]


def compressed(path: Path) -> bytes | None:
    """The bytes of a file in gzip; None where that is not smaller."""
    plain = path.read_bytes()
    if len(plain) < SMALLEST:
        return None
    small = gzip.compress(plain, mtime=0)
    return small if len(small) < len(plain) else None


def is_whole(scope: Message) -> bool:
    """Whether a whole file is asked for by somebody who reads gzip."""
    headers = dict(scope["headers"])
    return scope["method"] == "GET" and b"gzip" in headers.get(b"accept-encoding", b"") and b"range" not in headers


def replaced(send: Send, body: bytes) -> Send:
    """Sends a compressed body in place of the file's own."""
    is_file = False

    async def sent(message: Message) -> None:
        nonlocal is_file
        if message["type"] == "http.response.start" and message["status"] == 200:
            is_file = True
            own = {b"content-length", b"content-encoding", b"etag", b"vary"}
            kept = [(name, value) for name, value in message["headers"] if name.lower() not in own]
            kept += [(b"content-encoding", b"gzip"), (b"content-length", b"%d" % len(body))]
            await send({**message, "headers": [*kept, (b"vary", b"Accept-Encoding")]})
            await send({"type": "http.response.body", "body": body, "more_body": False})
        elif not is_file:
            await send(message)

    return sent


def not_kept(send: Send) -> Send:
    """Tells the browser to ask again the next time."""

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [(name, value) for name, value in message["headers"] if name.lower() != b"cache-control"]
            message = {**message, "headers": [*kept, (b"cache-control", b"no-cache")]}
        await send(message)

    return sent


def kept_for_ever(path: str, url: str) -> bool:
    """Every file, since its address changes with it."""
    return True


def guarded(headers: Headers, path: str, url: str) -> None:
    """What every file carries: it is what its name says."""
    headers["X-Content-Type-Options"] = "nosniff"
