"""What is sent to people: short plain mails, in the language of whoever reads them."""

import smtplib
from typing import Any

from django.core.mail import EmailMessage
from django.template import Context
from django.template.loader import get_template
from django.utils import translation
from django.utils.translation import gettext

from workspace.accounts import invitations, queries, resets
from workspace.accounts.errors import MailNotTaken
from workspace.accounts.models import Invitation, User


def invitation_mail(invitation: Invitation) -> EmailMessage:
    """The mail with the link, in the language that its reader has chosen, else that of whoever invites."""
    known = User.objects.filter(email=invitation.email).values_list("language", flat=True).first()
    by = invitation.invited_by
    workspace = queries.current_workspace().name
    with translation.override(known or invitation.language or None):
        subject = gettext("Invitation to %(workspace)s") % {"workspace": workspace}
        context = {"workspace": workspace, "by": by.name or by.email, "email": invitation.email}
        context |= {"role": invitation.get_role_display(), "link": invitations.link_of(invitation)}
        return _mail(invitation.email, subject, "accounts/mails/invitation.txt", context)


def reset_mail(user: User) -> EmailMessage:
    """The mail with the link to a new password."""
    with translation.override(user.language or None):
        context = {"email": user.email, "link": resets.link_for(user)}
        return _mail(user.email, gettext("A new password for Atrium"), "accounts/mails/reset.txt", context)


def _mail(to: str, subject: str, template: str, context: dict[str, Any]) -> EmailMessage:
    """A line break in a name would end the subject, so names are put on one line. The text is no HTML: nothing in it is
    escaped.
    """
    plain: Any = get_template(template)
    text = plain.template.render(Context(context, autoescape=False))
    mail = EmailMessage(" ".join(subject.split()), text, to=[to])
    # Away messages do not answer what a program sends.
    mail.extra_headers["Auto-Submitted"] = "auto-generated"
    return mail


def send(mail: EmailMessage) -> None:
    """Hands a mail over; outside of any unit, for it may take seconds.

    Raises:
        MailNotTaken: trying again may help.
    """
    try:
        mail.send()
    except (OSError, smtplib.SMTPException) as error:
        raise MailNotTaken(params={"error": type(error).__name__}) from None
