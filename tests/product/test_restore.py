"""A dump and the keys bring everything back somewhere else, a base and the log even the newest word; without the key
either brings an error that says so.

The commands are those of docs/operations.md, taken from there.
"""

import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests.fakes.engines import EngineProcess, engine_process
from tests.product.client import Client, Event, text_of
from tests.product.running import ROOT, NotStarted, Product, open_folder

pytestmark = pytest.mark.kills

PAGE = ROOT / "docs" / "operations.md"


def documented(name: str) -> str:
    """The block of shell behind the comment `<!-- name -->`."""
    found = re.search(rf"<!-- {name} -->\n```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None, f"the page has no block {name}"
    return found[1]


def shell(product: Product, *names: str, **given: str) -> None:
    """Runs blocks of the page, one behind the other, beside a product."""
    done = subprocess.run(
        ["bash", "-euc", "".join(map(documented, names))],
        cwd=ROOT,
        env=product.environment() | given,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, f"{names}: {done.stdout}\n{done.stderr}"


@pytest.fixture
def engine() -> Iterator[EngineProcess]:
    with engine_process("--rate", "200", "--tokens", "20") as running:
        yield running


@contextmanager
def log_taken(product: Product, **given: str) -> Iterator[None]:
    """Has PostgreSQL's log written down as it comes. At the end it holds what was committed, and the writer dies."""
    commands = ["bash", "-euc", documented("server") + documented("log")]
    writer = subprocess.Popen(commands, cwd=ROOT, env=product.environment() | given)
    password = (product.home / "secrets" / "postgres_password").read_text()
    port = next(part["port"] for part in product.status()["processes"] if part["name"] == "postgres")
    url = f"postgresql://atrium_bootstrap:{password}@127.0.0.1:{port}/atrium"
    try:
        with psycopg.connect(url, autocommit=True) as server:
            wait_for(server, "select true from pg_stat_replication where state = 'streaming'")
            yield
            committed = server.execute("select pg_current_wal_flush_lsn()").fetchone()
            assert committed is not None
            wait_for(server, "select flush_lsn >= %s from pg_stat_replication", *committed)
    finally:
        writer.kill()
        writer.wait()


def wait_for(server: "psycopg.Connection[tuple[object, ...]]", question: str, *arguments: object) -> None:
    """Until the server answers with true."""
    deadline = time.monotonic() + 60
    while (server.execute(question.encode(), arguments).fetchone() or (False,))[0] is not True:
        assert time.monotonic() < deadline, question
        time.sleep(0.05)


async def said(product: Product, token: str) -> dict[str, str]:
    """Asks two questions; the answer of each conversation."""
    answers = {}
    async with Client(product.url, token) as client:
        for question in ("Where are the keys? 鍵", "And the words?"):
            conversation = await client.conversation(title=question)
            seen: list[Event] = []
            await client.follow((await client.ask(conversation, question))["turn"], seen, 60)
            answers[conversation] = text_of(seen)
    return answers


async def kept(product: Product, token: str) -> dict[str, str]:
    """What the conversations say that are there."""
    async with Client(product.url, token) as client:
        listed = await client.call("GET", "/api/conversations")
        found = {}
        for item in listed["items"]:
            messages = await client.call("GET", f"/api/conversations/{item['id']}/messages")
            assert messages["items"][0]["text"] == item["title"]
            found[item["id"]] = messages["items"][-1]["text"]
        return found


@dataclass(frozen=True, slots=True)
class Homes:
    """Three products that are not started: one that is backed up, one to restore to, and one without its keys."""

    old: Product
    new: Product
    keyless: Product
    folder: Path

    @property
    def backup(self) -> dict[str, str]:
        """Where the commands put the backup."""
        return {"BACKUP": str(self.folder)}


@pytest.fixture
def homes(engine: EngineProcess) -> Iterator[Homes]:
    with open_folder() as folder:
        old, new, keyless = (Product(folder / name, {"ENGINE_URL": engine.url}) for name in ("old", "new", "keyless"))
        yield Homes(old, new, keyless, folder / "backup")


async def test_a_dump_and_the_keys_bring_every_word_back_elsewhere(homes: Homes) -> None:
    with homes.old.running() as old:
        token = old.owner_token()
        answers = await said(old, token)
        shell(old, "server", "dump", **homes.backup)
    assert (homes.folder / "atrium.dump").stat().st_mode & 0o077 == 0
    assert (homes.folder / "keys" / "atrium_key").read_text() == (old.home / "secrets" / "atrium_key").read_text()

    shell(homes.new, "keys", **homes.backup)
    with homes.new.running() as new:
        shell(new, "server", "restore", **homes.backup)
        assert await kept(new, token) == answers
        assert new.manage("verify_audit")

    with homes.keyless.running() as keyless, pytest.raises(AssertionError, match="another ATRIUM_KEY"):
        shell(keyless, "server", "restore", **homes.backup)
    with pytest.raises(NotStarted, match="another ATRIUM_KEY"):
        keyless.start()


async def test_a_base_the_log_and_the_keys_bring_back_the_newest_word_elsewhere(homes: Homes) -> None:
    with homes.old.running() as old:
        token = old.owner_token()
        with log_taken(old, **homes.backup):
            answers = await said(old, token)
            shell(old, "server", "base", **homes.backup)
            answers |= await said(old, token)
    assert len(answers) == 4
    kept_files = [path for path in homes.folder.rglob("*") if path.is_file()]
    assert all(path.stat().st_mode & 0o077 == 0 for path in kept_files)
    for words in ("And the words?", *answers.values()):
        assert not any(words.encode() in path.read_bytes() for path in kept_files)

    shell(homes.new, "newest", **homes.backup)
    with homes.new.running() as new:
        assert await kept(new, token) == answers
        assert new.manage("verify_audit")

    (homes.folder / "keys" / "atrium_key").unlink()
    shell(homes.keyless, "newest", **homes.backup)
    with pytest.raises(NotStarted, match="another ATRIUM_KEY"):
        homes.keyless.start()
