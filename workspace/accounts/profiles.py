"""What people decide about their own accounts."""

from uuid import UUID

from workspace.accounts.models import User


def prefer(person: UUID, chosen: dict[str, str]) -> None:
    """Keeps what a person chose of `language`, `theme` and `time_zone`; what is not named stays."""
    if chosen:
        User.objects.filter(id=person).update(**chosen)
