import json
import uuid
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from workspace.common.contracts import Actor, Assurance, Surface

actors = st.builds(
    Actor,
    workspace=st.uuids(),
    user=st.uuids(),
    credential=st.uuids(),
    scopes=st.frozensets(st.text(max_size=10), max_size=3),
    surface=st.sampled_from(Surface),
    assurance=st.sampled_from(Assurance),
    epoch=st.integers(min_value=1),
    authenticated_at=st.datetimes(timezones=st.just(UTC)),
)


@given(actor=actors)
def test_an_actor_survives_being_stored(actor: Actor) -> None:
    assert Actor.restored(json.loads(json.dumps(actor.stored()))) == actor


def test_an_actor_cannot_be_changed() -> None:
    actor = Actor(
        uuid.uuid4(), uuid.uuid4(), uuid.uuid4(), frozenset(), Surface.API, Assurance.LEVEL_1, 1, datetime.now(UTC)
    )

    assert hash(actor)
    assert not hasattr(actor, "__dict__")
