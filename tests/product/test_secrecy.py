"""No word of a conversation stands in clear: not in logs, tables, the write-ahead log, Valkey or a temporary file."""

import asyncio
import json
import subprocess
import uuid
from collections.abc import Iterable
from pathlib import Path

import psycopg
import pytest

from tests.product.client import Client, Event, Refused
from tests.product.conftest import Court

pytestmark = pytest.mark.kills

TEMPORARY = Path("/tmp")  # noqa: S108 - it is searched, not used


def marker(place: str) -> str:
    """A word that stands nowhere else, with characters that a careless log would escape."""
    return f"marker-{place}-{uuid.uuid4().hex}"


def files_of(court: Court) -> Iterable[Path]:
    """Every file that the product may have written: its home, and what is new in the temporary folder."""
    born = (court.product.home / "up.log").stat().st_ctime
    yield from (path for path in court.product.home.rglob("*") if path.is_file())
    for path in TEMPORARY.rglob("*"):
        try:
            if path.is_file() and path.stat().st_mtime >= born and not path.is_relative_to(court.product.home.parent):
                yield path
        except OSError:  # somebody else's, or gone meanwhile
            continue


def holding(paths: Iterable[Path], wanted: Iterable[str]) -> dict[str, set[str]]:
    """Which files hold the bytes of which of these words, in UTF-8 or UTF-16, or hex as PostgreSQL prints bytes."""
    needles = {word: (word.encode(), word.encode("utf-16-le"), word.encode().hex().encode()) for word in wanted}
    found: dict[str, set[str]] = {word: set() for word in needles}
    for path in paths:
        try:
            content = path.read_bytes()
        except OSError:
            continue
        for word, forms in needles.items():
            if any(form in content for form in forms):
                found[word].add(path.name)
    return found


def superuser(court: Court) -> str:
    """The address of the database's superuser, as `migrate` is given it."""
    given = json.loads((court.product.home / "run" / "environment.json").read_text(encoding="utf-8"))
    address: str = given["migrating"]["DATABASE_URL"]
    return address


def dump(court: Court, target: Path) -> None:
    """Every row of every table, as text."""
    with psycopg.connect(superuser(court)) as connection, target.open("wb") as out:
        tables = connection.execute(
            "select format('%I.%I', schemaname, tablename) from pg_tables"
            " where schemaname not in ('pg_catalog', 'information_schema')"
        ).fetchall()
        assert len(tables) > 10
        for (table,) in tables:
            with connection.cursor().copy(f"copy (select * from {table}) to stdout") as rows:
                for row in rows:
                    out.write(row)


def flushed(court: Court) -> None:
    """Everything that PostgreSQL and Valkey hold in memory is in their files."""
    with psycopg.connect(superuser(court), autocommit=True) as connection:
        connection.execute("checkpoint")
    subprocess.run(["sync"], check=True)


async def talk(client: Client, words: dict[str, str]) -> str:
    """Puts each word where a person's words can go. Returns the conversation's id."""
    made = await client.call("POST", "/api/conversations", {"title": words["title"]})
    conversation = str(made["id"])
    key = {"Idempotency-Key": uuid.uuid4().hex}
    body = {"text": f"What of {words['text']}?"}
    first = await client.call("POST", f"/api/conversations/{conversation}/turns", body, **key)
    again = await client.call("POST", f"/api/conversations/{conversation}/turns", body, **key)
    assert again == first
    seen: list[Event] = []
    await client.follow(first["turn"], seen, 60)
    with pytest.raises(Refused):
        await client.call(
            "POST", f"/api/conversations/{conversation}/turns", {"text": 7, words["error"]: words["error"]}
        )
    with pytest.raises(Refused):
        await client.call("PATCH", f"/api/conversations/{conversation}", {"active_leaf": words["error"]})
    with pytest.raises(Refused):
        await client.call("GET", f"/api/conversations/{words['path']}?cursor={words['path']}")
    return conversation


async def test_no_word_of_a_conversation_is_stored_in_clear(court: Court, tmp_path: Path) -> None:
    words = {place: marker(place) for place in ("title", "text", "error", "path")}
    planted = marker("planted")
    with psycopg.connect(superuser(court), autocommit=True) as connection:
        # Compressed pages would hide what they hold from a search of bytes.
        connection.execute("alter system set wal_compression = off")
        connection.execute("select pg_reload_conf()")
    async with Client(court.product.url, court.token) as client:
        conversation = await talk(client, words)
        with psycopg.connect(superuser(court), autocommit=True) as connection:
            connection.execute("create table public.planted as select %s::text as word", [planted])
        try:
            await asyncio.to_thread(flushed, court)
            dump(court, tmp_path / "dump")
            found = holding([*files_of(court), tmp_path / "dump"], [*words.values(), planted])
        finally:
            with psycopg.connect(superuser(court), autocommit=True) as connection:
                connection.execute("drop table public.planted")
        opened = await client.call("GET", f"/api/conversations/{conversation}")
        messages = await client.call("GET", f"/api/conversations/{conversation}/messages")

    # The search finds what stands in clear: in the dump, in the table's file and in the write-ahead log.
    assert "dump" in found[planted]
    assert len(found.pop(planted)) >= 3
    assert found == {word: set() for word in words.values()}
    # And the sealed columns do hold what was said.
    assert opened["title"] == words["title"]
    assert words["text"] in messages["items"][0]["text"]
