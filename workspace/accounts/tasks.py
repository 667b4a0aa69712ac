"""Mails that go out after the request. A job carries an id alone: the links are made where the mail is written."""

from django.db.models.functions import Now

from workspace.accounts import mails
from workspace.accounts.invitations import MAIL_INVITATION
from workspace.accounts.models import Invitation, User
from workspace.accounts.resets import MAIL_RESET
from workspace.common import audit
from workspace.common.audit import AuditEvent
from workspace.common.jobs import Given, job
from workspace.common.work import unit


@job(MAIL_INVITATION)
def mail_invitation(given: Given) -> None:
    """Sends an invitation that is still open and was not mailed since it was made or renewed.

    Raises:
        MailNotTaken: it is tried again.
    """
    with unit(given.workspace):
        waiting = Invitation.objects.filter(accepted_at=None, revoked_at=None, mailed_at=None, expires_at__gt=Now())
        found = waiting.select_related("invited_by").filter(id=given.subject).first()
        mail = mails.invitation_mail(found) if found else None
    if found is None or mail is None:
        return
    mails.send(mail)
    with unit(given.workspace):
        Invitation.objects.filter(id=found.id, serial=found.serial).update(mailed_at=Now())


@job(MAIL_RESET)
def mail_reset(given: Given) -> None:
    """Sends the link to a new password to somebody who may still enter.

    Raises:
        MailNotTaken: it is tried again.
    """
    with unit(given.workspace, given.subject):
        user = User.objects.filter(id=given.subject, memberships__is_active=True, is_active=True).first()
        if user is None:
            return
        mail = mails.reset_mail(user)
        audit.record(AuditEvent("password.ask_reset", None, "user", user.id))
    mails.send(mail)
