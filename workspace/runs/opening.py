"""What a runner reads when it has claimed a run, in a unit of the run's actor."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection

from inference.vocabulary import Vocabulary
from workspace.accounts.permissions import still_holds
from workspace.common import keys
from workspace.common.ciphers import OpenedKey, SealBroken
from workspace.common.errors import AtriumError
from workspace.runs.claims import Claim, ClaimLost
from workspace.runs.contracts import MustWait, Prompt, RunRequest, State, kind_of
from workspace.runs.errors import TooManyTakeovers
from workspace.runs.journal import TABLE, opened_entry
from workspace.runs.models import Run
from workspace.runs.transcript import Transcript, Written

# A run that kills its runner must not kill all of them for ever. Restarts raise the epoch too.
MOST_CLAIMS = 50

ENTRIES = f"""
select ordinal, first_sequence, record, events from {TABLE} where day = %s and run = %s order by ordinal
"""  # noqa: S608 - our own constant
EVENTS = f"""
select ordinal, first_sequence, events, coalesce(last_sequence, 0) from {TABLE}
where day = %s and run = %s order by ordinal
"""  # noqa: S608 - our own constant

# The vocabulary and the context length that a model (None: any) is likely to be served with; None where nobody knows.
Guess = Callable[[str | None], tuple[Vocabulary, int] | None]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A prompt that was made in the same unit as all else, for the engine that the run will likely get."""

    prompt: Prompt
    vocabulary: Vocabulary
    context_length: int

    def fits(self, vocabulary: Vocabulary, context_length: int) -> bool:
        """Whether it is the prompt for this engine too."""
        return self.vocabulary is vocabulary and self.context_length == context_length


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
    prepared: Prepared | None


def opened(claim: Claim, guess: Guess) -> Opening | None:
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
    transcript = _committed(claim, key, prefix)
    continued = _continued(claim, transcript)
    prepared = None if request is None or refusal is not None else _prepared(claim, request, guess)
    return Opening(key, transcript, request, refusal, continued, prepared)


def salvaged(claim: Claim) -> tuple[OpenedKey, Transcript]:
    """The same of a run that is not to go on: what is committed, behind what its subject holds already.

    Raises:
        KeyDestroyed: what the run is about is gone.
    """
    key = keys.open_one(claim.key_owner, claim.key_id)
    try:
        prefix = kind_of(claim.view.kind).request(claim.view).prefix
    except (AtriumError, MustWait):
        prefix = text_before(claim.view.continues, key)
    return key, _committed(claim, key, prefix)


def remains(claim: Claim) -> tuple[OpenedKey, Transcript]:
    """The same of a damaged journal, whose kind may be broken too: the text up to the damage, and how far the rows
    count. Token ids are not asked for.

    Raises:
        KeyDestroyed: what the run is about is gone.
    """
    key = keys.open_one(claim.key_owner, claim.key_id)
    transcript = Transcript()
    with connection.cursor() as cursor:
        cursor.execute(EVENTS, [claim.day, claim.id])
        rows = cursor.fetchall()
    for ordinal, first, events, _ in rows:
        try:
            transcript.restore(opened_entry(claim.id, (ordinal, first, None, events), key))
        except (SealBroken, ValueError):
            break
    if rows:
        transcript.skip(rows[-1][0], max(last for _, _, _, last in rows))
    return key, transcript


def _committed(claim: Claim, key: OpenedKey, prefix: str) -> Transcript:
    """What is committed of a claimed run. Nobody wrote before the first claim."""
    return Transcript(prefix) if claim.epoch == 1 else restored(claim.id, claim.day, key, prefix)


def restored(run: UUID, day: date, key: OpenedKey, prefix: str = "") -> Transcript:
    """A run's transcript out of its journal, as far as it is committed."""
    transcript = Transcript(prefix)
    with connection.cursor() as cursor:
        cursor.execute(ENTRIES, [day, run])
        for found in cursor.fetchall():
            transcript.restore(opened_entry(run, found, key))
    return transcript


def text_before(run: UUID | None, key: OpenedKey) -> str:
    """What the runs before a continued one wrote, as far as their journals are kept."""
    texts: list[str] = []
    while run is not None:
        row = Run.objects.get(id=run)
        texts.append(restored(run, row.day, key).text)
        run = row.continues_id
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
    return restored(earlier.id, earlier.day, keys.open_one(claim.key_owner, earlier.key_id)).written


def _prepared(claim: Claim, request: RunRequest, guess: Guess) -> Prepared | None:
    """What the kind refuses now it refuses again when the leg asks: there it is told."""
    served = guess(request.model)
    if served is None or claim.state is State.STOPPING:
        return None
    vocabulary, context_length = served
    try:
        return Prepared(kind_of(claim.view.kind).prompt(claim.view, *served), vocabulary, context_length)
    except AtriumError:
        return None
