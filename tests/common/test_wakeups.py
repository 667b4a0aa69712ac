import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workspace.common import revocation, wakeups
from workspace.common.wakeups import LIMIT, payloads


@given(items=st.lists(st.text("0123456789abcdef-:", min_size=1, max_size=80), max_size=400))
def test_payloads_hold_all_items_in_order_below_the_limit(items: list[str]) -> None:
    made = list(payloads(items))

    assert [item for payload in made for item in payload.split(",")] == items
    assert all(len(payload) <= LIMIT for payload in made)


@pytest.mark.django_db(transaction=True)
def test_a_lost_right_runs_the_handlers_and_wakes_the_streams(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from uuid import UUID, uuid4

    ended: list[UUID] = []
    monkeypatch.setattr(revocation, "_handlers", [])
    revocation.register(ended.append)
    principal = uuid4()
    with psycopg.connect(database_url, autocommit=True) as listener:
        listener.execute(f"listen {wakeups.REVOKED}")

        revocation.revoked(principal)

        heard = next(listener.notifies(timeout=5, stop_after=1))
    assert ended == [principal]
    assert heard.payload == str(principal)
