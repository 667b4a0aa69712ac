"""What people decide about their own accounts."""

from collections.abc import Mapping
from uuid import UUID

from django.utils.translation import gettext

from workspace.accounts import people, sessions
from workspace.accounts.models import User
from workspace.common import audit
from workspace.common.audit import AuditEvent
from workspace.common.contracts import Actor
from workspace.common.errors import FieldError, Invalid


def change(person: UUID, chosen: Mapping[str, str]) -> None:
    """Keeps what a person chose of `name`, `language`, `theme` and `time_zone`; what is not named stays."""
    if chosen:
        User.objects.filter(id=person).update(**chosen)


def change_password(actor: Actor, person: User, current: str, new: str) -> int:
    """Gives the actor another password, and signs them out everywhere but here. Access tokens stay.

    Returns of how many browsers. Whoever calls it counts the tries.

    Raises:
        Invalid: `current` is not the password, or the new one is too short or too common.
    """
    if not person.check_password(current):
        wrong = gettext("This is not your present password.")
        raise Invalid(errors=(FieldError("current", "wrong_password", wrong),))
    people.choose_password(person, new, told_as="new")
    User.objects.filter(id=actor.user).update(password=person.password)
    ended = sessions.end_sessions_of(actor.user, but=actor.credential)
    audit.record(AuditEvent("password.change", actor, "user", actor.user, {"sessions": ended}))
    return ended
