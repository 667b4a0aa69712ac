import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "14 characters.",
        "passwordpassword",
        "Password12345678",
        "1234567890123456",
        "qwertyuiopasdfghjkl",
        "zyxwvutsrqponmlkjihg",
        "aaaaaaaaaaaaaaaa",
        "abcabcabcabcabcabc",
        "yfdbufnjh10305070",
    ],
)
def test_what_is_short_or_easy_to_guess_is_refused(password: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(password)


@pytest.mark.parametrize(
    "password", ["correct horse battery staple", "correcthorsebatterystaple", "今日はとても良い天気なので散歩する"]
)
def test_a_sentence_is_taken(password: str) -> None:
    validate_password(password)
