"""New accounts of people."""

from collections.abc import Collection, Mapping

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from workspace.accounts.errors import EmailTaken
from workspace.accounts.models import Invitation, Membership, Role, User, Workspace
from workspace.common import keys
from workspace.common.contracts import KeyOwner
from workspace.common.errors import FieldError, Invalid


def checked_person(email: str, password: str, name: str) -> User:
    """An account that is not kept yet, with its password hashed.

    Raises:
        Invalid: the password is too short or too common, or the address is none.
    """
    user = User(email=email.strip().lower(), name=name)
    check_fields(user, exclude=["password"])
    choose_password(user, password)
    return user


def choose_password(user: User, password: str, told_as: str = "password") -> None:
    """Gives an account a password; the row stays as it is. Faults are told of the field `told_as`.

    Raises:
        Invalid: the password is too short or too common.
    """
    try:
        validate_password(password, user)
    except ValidationError as error:
        found = tuple(FieldError(told_as, str(fault.code), fault.messages[0]) for fault in error.error_list)
        raise Invalid("Choose another password.", errors=found) from None
    user.set_password(password)


def keep(user: User) -> User:
    """Makes the account's row.

    Raises:
        EmailTaken: there is such a person.
    """
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError:
        raise EmailTaken from None
    # The address was given by whoever runs the server, or proved by the invitation that was sent to it.
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def check_fields(
    row: User | Workspace | Invitation, *, exclude: Collection[str] = (), told_as: Mapping[str, str] | None = None
) -> None:
    """Raises:
    Invalid: a value does not fit its column.
    """
    try:
        row.clean_fields(exclude=set(exclude))
    except ValidationError as error:
        names = told_as or {}
        faults = [(names.get(name, name), fault) for name, found in error.error_dict.items() for fault in found]
        told = tuple(FieldError(name, str(fault.code), fault.messages[0]) for name, fault in faults)
        raise Invalid(errors=told) from None


def join(user: User, role: Role) -> None:
    """Lets a person into the workspace of the open unit, with a key for what is theirs in it."""
    keys.create(KeyOwner.USER, user.id)
    Membership.objects.create(user=user, role=role)
