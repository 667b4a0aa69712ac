"""Static files come small, stay in the browser for as long as they are what they are, and no longer."""

import gzip
from typing import Any

import pytest
from django.templatetags.static import static
from django.test import Client

from workspace.config import static_files
from workspace.config.static_files import StaticFiles, files, version

SHEET = "common/tokens.css"


async def elsewhere(scope: Any, receive: Any, send: Any) -> None:
    """What is served beside the files."""
    await send({"type": "http.response.start", "status": 299, "headers": []})
    await send({"type": "http.response.body", "body": scope["path"].encode()})


async def fetched(path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of what is answered."""
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {"type": "http", "method": method, "path": path, "query_string": b""}
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    await StaticFiles(elsewhere)({**scope, "headers": raw}, receive, send)
    told = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], told, b"".join(message.get("body", b"") for message in sent[1:])


async def test_a_page_names_files_that_are_there_and_may_be_kept_for_ever() -> None:
    status, headers, body = await fetched(static(SHEET))

    assert (status, body) == (200, files()[SHEET].read_bytes())
    assert "immutable" in headers["cache-control"]
    assert headers["x-content-type-options"] == "nosniff"
    assert "content-encoding" not in headers


async def test_whoever_reads_gzip_gets_it() -> None:
    status, headers, body = await fetched(static(SHEET), accept_encoding="gzip, br")

    assert (status, headers["content-encoding"], headers["vary"]) == (200, "gzip", "Accept-Encoding")
    assert int(headers["content-length"]) == len(body) < files()[SHEET].stat().st_size / 2
    assert gzip.decompress(body) == files()[SHEET].read_bytes()
    assert headers["content-type"].startswith("text/css")


async def test_a_part_of_a_file_or_its_head_alone_is_no_gzip() -> None:
    _, headers, body = await fetched(static(SHEET), accept_encoding="gzip", range="bytes=0-9")
    assert (headers.get("content-encoding"), body) == (None, files()[SHEET].read_bytes()[:10])

    status, headers, body = await fetched(static(SHEET), "HEAD", accept_encoding="gzip")
    assert (status, headers.get("content-encoding"), body) == (200, None, b"")


async def test_a_file_that_was_not_changed_is_not_sent_again() -> None:
    _, headers, _ = await fetched(static(SHEET), accept_encoding="gzip")

    status, _, body = await fetched(static(SHEET), accept_encoding="gzip", if_modified_since=headers["last-modified"])

    assert (status, body) == (304, b"")


async def test_an_old_page_still_finds_its_files_and_keeps_them_not() -> None:
    status, headers, body = await fetched(f"/static/0123456789ab/{SHEET}", accept_encoding="gzip")

    assert (status, gzip.decompress(body)) == (200, files()[SHEET].read_bytes())
    assert headers["cache-control"] == "no-cache"


async def test_what_is_no_file_is_given_on() -> None:
    for path in ("/", "/chats", "/static/", "/static/nothing.css", f"/static/{version()}/../../etc/passwd"):
        status, _, _ = await fetched(path, accept_encoding="gzip")
        assert status == 299


async def test_a_small_file_stays_as_it_is() -> None:
    tiny = next(name for name, path in files().items() if 0 < path.stat().st_size < static_files.SMALLEST)

    _, headers, _ = await fetched(static(tiny), accept_encoding="gzip")

    assert "content-encoding" not in headers


def test_the_address_changes_with_any_file(monkeypatch: pytest.MonkeyPatch) -> None:
    changed = files() | {SHEET: files()["common/base.css"]}
    before = version()
    monkeypatch.setattr(static_files, "files", lambda: changed)
    version.cache_clear()

    try:
        assert version() != before
    finally:
        monkeypatch.undo()
        version.cache_clear()
    assert version() == before


def test_pages_are_compressed_and_their_length_tells_nothing(client: Client) -> None:
    lengths = set()
    for _ in range(20):
        answer = client.get("/api/schema", headers={"Accept-Encoding": "gzip"})
        assert answer["Content-Encoding"] == "gzip"
        assert gzip.decompress(answer.content).startswith(b"{")
        lengths.add(len(answer.content))

    assert len(lengths) > 1
