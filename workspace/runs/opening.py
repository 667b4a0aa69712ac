"""What a runner reads when it has claimed a run, in a unit of the run's actor."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from workspace.accounts.permissions import still_holds
from workspace.common import keys
from workspace.common.ciphers import OpenedKey
from workspace.common.errors import AtriumError
from workspace.runs.claims import Claim, ClaimLost
from workspace.runs.contracts import MustWait, RunRequest, State, kind_of
from workspace.runs.errors import TooManyTakeovers
from workspace.runs.journal import TABLE, opened_entry
from workspace.runs.models import Run
from workspace.runs.transcript import Transcript, Written

# A run that kills its runner must not kill all of them for ever. Restarts raise the epoch too.
MOST_CLAIMS = 50

ENTRIES = f"""
select ordinal, first_sequence, record, events from {TABLE} where day = %s and run = %s order by ordinal
"""  # noqa: S608 - our own constant


@dataclass(frozen=True, slots=True)
class Opening:
    """Where a run stands. `request` is None where `refusal` says why it cannot go on. `continued` is what the run
    before it wrote, where that is kept.
    """

    key: OpenedKey
    transcript: Transcript
    request: RunRequest | None
    refusal: AtriumError | None
    continued: Written | None


def opened(claim: Claim) -> Opening | None:
    """None when the run waits for a person now, and nobody holds it any more.

    Raises:
        ClaimLost: another runner holds the run, or somebody stopped it while it was about to wait.
        KeyDestroyed: what the run is about is gone.
    """
    key = keys.open_one(claim.key_owner, claim.key_id)
    asked = _request(claim)
    if asked is None:
        return None
    request, refusal = asked
    prefix = request.prefix if request else text_before(claim.view.continues, key)
    transcript = restored(claim.id, key, prefix)
    return Opening(key, transcript, request, refusal, _continued(claim, transcript))


def salvaged(claim: Claim) -> tuple[OpenedKey, Transcript]:
    """The same without asking the kind: what is committed.

    Raises:
        KeyDestroyed: what the run is about is gone.
    """
    key = keys.open_one(claim.key_owner, claim.key_id)
    return key, restored(claim.id, key, text_before(claim.view.continues, key))


def restored(run: UUID, key: OpenedKey, prefix: str = "") -> Transcript:
    """A run's transcript out of its journal, as far as it is committed."""
    transcript = Transcript(prefix)
    row = Run.objects.get(id=run)
    with connection.cursor() as cursor:
        cursor.execute(ENTRIES, [row.day, run])
        for found in cursor.fetchall():
            transcript.restore(opened_entry(run, found, key))
    return transcript


def text_before(run: UUID | None, key: OpenedKey) -> str:
    """What the runs before a continued one wrote, as far as their journals are kept."""
    texts: list[str] = []
    while run is not None:
        texts.append(restored(run, key).text)
        run = Run.objects.values_list("continues_id", flat=True).get(id=run)
    return "".join(reversed(texts))


def _request(claim: Claim) -> tuple[RunRequest | None, AtriumError | None] | None:
    try:
        return _asked(claim)
    except MustWait:
        if claim.state is State.STOPPING:
            return None, None
    # Asked again under the lock of the row: either what it waits for is there by now, or whoever brings it finds the
    # run waiting and wakes it.
    row = Run.objects.select_for_update().filter(id=claim.id, epoch=claim.epoch, state=State.RUNNING).first()
    if row is None:
        raise ClaimLost
    try:
        return _asked(claim)
    except MustWait:
        Run.objects.filter(id=row.id).update(state=State.WAITING, lease_until=None, runner=None)
        return None


def _asked(claim: Claim) -> tuple[RunRequest | None, AtriumError | None]:
    request = None
    try:
        request = kind_of(claim.view.kind).request(claim.view)
        still_holds(claim.actor)
    except AtriumError as error:
        return request, error
    return request, TooManyTakeovers() if claim.epoch > MOST_CLAIMS else None


def _continued(claim: Claim, transcript: Transcript) -> Written | None:
    if claim.view.continues is None or transcript.leg is not None:
        return None
    earlier = Run.objects.filter(id=claim.view.continues, has_tokens=True).first()
    if earlier is None:
        return None
    return restored(earlier.id, keys.open_one(claim.key_owner, earlier.key_id)).written
