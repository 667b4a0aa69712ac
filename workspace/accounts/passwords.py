"""What makes a long password easy to guess."""

from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

RUNS = ("01234567890" * 3, "abcdefghijklmnopqrstuvwxyz" * 2, "qwertyuiopasdfghjklzxcvbnm" * 2)


class UncommonPasswordValidator(CommonPasswordValidator):
    """Refuses a common password, two of them side by side, one short piece again and again, and runs along the keys.

    The list of common passwords holds hardly any of 15 characters: what people do with a minimum length is to lengthen
    a short one, and that is what this looks for.
    """

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        """Raises:
        ValidationError: the password is easy to guess.
        """
        text = password.lower().strip()
        if text in self.passwords or self._is_lengthened(text):
            raise ValidationError(_("This password is too common."), code="password_too_common")

    def _is_lengthened(self, text: str) -> bool:
        is_run = any(text in run or text in run[::-1] for run in RUNS)
        # A text repeats a piece exactly when it is found in its own double before the end.
        repeats = 0 < (text + text).find(text, 1) < len(text) or len(set(text)) < 4
        is_pair = any(text[:cut] in self.passwords and text[cut:] in self.passwords for cut in range(1, len(text)))
        return is_run or repeats or is_pair
