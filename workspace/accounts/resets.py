"""A new password for whoever has forgotten theirs, by a link that is sent to their address."""

from typing import Final

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.urls import reverse

from workspace.accounts import people, queries, sessions
from workspace.accounts.errors import CredentialRefused
from workspace.accounts.models import User
from workspace.common import audit, jobs
from workspace.common.addresses import absolute
from workspace.common.audit import AuditEvent
from workspace.common.work import unit

MAIL_RESET: Final = "accounts.mail_reset"


def ask(user: User) -> None:
    """Has the link sent, later and by another process: how long the answer takes says nothing about whether there is
    such a person. Whoever belongs to no workspace gets none.
    """
    workspaces = queries.workspaces_of(user.id)
    if workspaces:
        with unit(workspaces[0], user.id):
            jobs.enqueue(MAIL_RESET, user.id)


def link_for(user: User) -> str:
    """The address where a new password is chosen: once, for an hour, and until the person signs in again."""
    key = default_token_generator.make_token(user)
    kept = {"uidb36": user_pk_to_url_str(user), "key": key}
    return absolute(reverse("account_reset_password_from_key", kwargs=kept))


def choose_new(user: User, password: str) -> None:
    """Gives a person who came by the link another password, and signs them out everywhere. Access tokens stay.

    Raises:
        Invalid: the password is too short or too common.
        CredentialRefused: they may not enter any more, or the link was used at the same moment.
    """
    before = user.password
    people.choose_password(user, password)
    workspaces = queries.workspaces_of(user.id)
    if not workspaces:
        raise CredentialRefused
    for workspace in workspaces:
        with unit(workspace, user.id):
            # Of two who use the link at the same moment, the second finds another password than the link was made for.
            still = User.objects.filter(id=user.id, password__in=[before, user.password])
            if not still.update(password=user.password):
                raise CredentialRefused
            ended = sessions.end_sessions_of(user.id)
            audit.record(AuditEvent("password.reset", None, "user", user.id, {"sessions": ended}))
