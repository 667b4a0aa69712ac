"""Every committed entry gets its link, once, whatever the sealers do."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import psycopg
import pytest

from compliance import sealer
from compliance.models import AuditEntry, AuditLink, AuditWaiting
from compliance.sealer import Connection, seal_for_ever
from compliance.verification import Verdict, verify
from tests.cast import Person
from tests.compliance.trail import RunnersLine, act, sealed_now, verdict_on
from workspace.common.work import unit, work

pytestmark = pytest.mark.django_db(transaction=True)

DEADLINE = 20


async def until(person: Person, holds: Callable[[Verdict], bool]) -> Verdict:
    """The first verdict that holds; each is asked of the database."""
    async with asyncio.timeout(DEADLINE):
        while True:
            verdict = await work(verify, person.workspace)
            if holds(verdict):
                return verdict


def all_sealed(verdict: Verdict) -> bool:
    return verdict.waiting == 0


@asynccontextmanager
async def sealing(*lines: sealer.Line) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(seal_for_ever(line)) for line in lines]
    yield
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def test_links_follow_the_order_of_the_acts(alice: Person) -> None:
    act(alice, times=5)

    assert sealed_now()

    with unit(alice.workspace):
        in_time = list(AuditEntry.objects.order_by("at", "id").values_list("id", flat=True))
        linked = list(AuditLink.objects.order_by("sequence").values_list("entry_id", flat=True))
        assert linked == in_time
        assert list(AuditLink.objects.order_by("sequence").values_list("sequence", flat=True)) == list(
            range(1, len(linked) + 1)
        )
        assert not AuditWaiting.objects.exists()


def test_sealing_again_changes_nothing(alice: Person) -> None:
    act(alice)
    sealed_now()
    before = verdict_on(alice.workspace)

    assert sealed_now()
    assert verdict_on(alice.workspace) == before


def test_each_workspace_has_a_chain_of_its_own(alice: Person, charlie: Person) -> None:
    act(alice, times=3)
    sealed_now()

    verdicts = [verdict_on(person.workspace) for person in (alice, charlie)]
    assert [verdict.broken for verdict in verdicts] == [None, None]
    assert verdicts[0].links == verdicts[1].links + 3


def test_more_than_a_batch_is_sealed_in_several_rounds(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    act(alice, times=7)
    monkeypatch.setattr(sealer, "BATCH", 3)
    monkeypatch.setattr(sealer, "WAITING", sealer.WAITING.replace(b"limit 500", b"limit 3"))

    rounds = 0
    while not sealed_now():
        rounds += 1

    assert rounds >= 2
    assert (verdict_on(alice.workspace).broken, verdict_on(alice.workspace).waiting) == (None, 0)


def test_a_sealer_leaves_alone_what_another_is_at(alice: Person, database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute(sealer.LOCK, [str(alice.workspace)])

        assert not sealed_now()
        assert verdict_on(alice.workspace).links == 0

    assert sealed_now()


def test_two_sealers_at_once_write_each_link_once(alice: Person) -> None:
    act(alice, times=40)
    threads = [threading.Thread(target=sealed_now) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=DEADLINE)
    sealed_now()

    verdict = verdict_on(alice.workspace)
    assert (verdict.broken, verdict.waiting) == (None, 0)
    assert verdict.links >= 40


async def test_an_act_wakes_the_sealer(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealer, "ROUND", DEADLINE)  # so that only the wake-up can bring it
    async with sealing(RunnersLine()):
        before = await until(alice, all_sealed)
        await asyncio.to_thread(act, alice)

        after = await until(alice, lambda verdict: verdict.links > before.links)

    assert after.broken is None


async def test_what_happened_while_no_sealer_ran_is_sealed_at_its_start(alice: Person) -> None:
    await asyncio.to_thread(act, alice, 3)

    async with sealing(RunnersLine()):
        verdict = await until(alice, all_sealed)

    assert verdict.links >= 3


async def test_two_sealers_under_load_leave_one_unbroken_chain(alice: Person, charlie: Person) -> None:
    async with sealing(RunnersLine(), RunnersLine()):
        acts = [asyncio.to_thread(act, person, 30) for person in (alice, charlie, alice, charlie)]
        await asyncio.gather(*acts)
        verdicts = [await until(person, all_sealed) for person in (alice, charlie)]

    assert [verdict.broken for verdict in verdicts] == [None, None]
    assert min(verdict.links for verdict in verdicts) >= 60


class LineThatBreaks(RunnersLine):
    """Its first connection is cut by the server, in the middle of the work."""

    def __init__(self, database_url: str) -> None:
        self.superuser = database_url
        self.was_cut = asyncio.Event()

    @asynccontextmanager
    async def held(self) -> AsyncIterator[Connection]:
        async with super().held() as connection:
            if not self.was_cut.is_set():
                with psycopg.connect(self.superuser) as superuser:
                    superuser.execute("select pg_terminate_backend(%s)", [connection.info.backend_pid])
                self.was_cut.set()
            yield connection


async def test_a_sealer_whose_connection_was_cut_goes_on(alice: Person, database_url: str) -> None:
    line = LineThatBreaks(database_url)
    async with sealing(line):
        verdict = await until(alice, all_sealed)

    assert line.was_cut.is_set()
    assert (verdict.broken, verdict.links > 0) == (None, True)


def test_a_chain_spoilt_by_hand_stops_no_other(alice: Person, charlie: Person, database_url: str) -> None:
    sealed_now()
    with unit(alice.workspace):
        entry = AuditLink.objects.get(sequence=1).entry_id
    with psycopg.connect(database_url) as superuser:
        superuser.execute("insert into compliance_auditwaiting values (%s, %s)", [entry, alice.workspace])
    act(charlie)

    assert sealed_now()
    assert verdict_on(charlie.workspace).waiting == 0
    assert verdict_on(alice.workspace).waiting == 1


def test_a_runner_sees_beyond_its_workspace_only_what_waits(alice: Person) -> None:
    act(alice)
    sealed_now()
    act(alice)

    async def seen() -> list[int]:
        async with RunnersLine().held() as connection:
            tables = (b"compliance_auditentry", b"compliance_auditwaiting", b"compliance_consent")
            cursors = [await connection.execute(b"select count(*) from " + table) for table in tables]
            return [row[0] for cursor in cursors if (row := await cursor.fetchone())]

    assert asyncio.run(seen()) == [1, 1, 0]


@pytest.mark.parametrize(
    "sql",
    [
        "update compliance_auditlink set sequence = sequence",
        "delete from compliance_auditlink",
        "delete from compliance_auditentry",
        "insert into compliance_auditwaiting select entry_id, workspace_id from compliance_auditlink",
    ],
)
def test_a_runner_can_add_links_and_nothing_else(alice: Person, sql: str) -> None:
    async def tried() -> None:
        async with RunnersLine().held() as connection:
            await connection.execute(sql.encode())

    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        asyncio.run(tried())


def test_a_runner_writes_entries_of_its_own_inside_a_workspace(alice: Person) -> None:
    async def write() -> None:
        async with RunnersLine().held() as connection, connection.transaction():
            await connection.execute("select set_config('app.workspace', %s, true)", [str(alice.workspace)])
            await connection.execute(
                "insert into compliance_auditentry (id, workspace_id, action, surface, object_kind, details)"
                " values (gen_random_uuid(), %s, 'run.end', '', '', '{}')",
                [alice.workspace],
            )

    asyncio.run(write())

    assert sealed_now()
    with unit(alice.workspace):
        assert AuditEntry.objects.filter(action="run.end").exists()
    assert verdict_on(alice.workspace).broken is None
