"""The folder that mail is written to."""

from email import message_from_bytes, policy
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.mail import EmailMessage

from workspace.common.outbox import Outbox, outbox


@pytest.fixture(autouse=True)
def home(settings: LazySettings, tmp_path: Path) -> Path:
    settings.ATRIUM_HOME = tmp_path
    return tmp_path


def test_each_mail_is_a_file_of_its_own_that_nobody_else_may_read(home: Path) -> None:
    mails = [EmailMessage(f"件名 {number}", "本文 — text", to=["mei@example.org"]) for number in range(3)]

    assert Outbox().send_messages(mails) == 3

    files = sorted((home / "outbox").iterdir())
    assert [file.suffix for file in files] == [".eml"] * 3
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert (home / "outbox").stat().st_mode & 0o777 == 0o700
    read = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]
    assert [mail["subject"] for mail in read] == ["件名 0", "件名 1", "件名 2"]
    assert read[0].get_content().strip() == "本文 — text"


def test_there_is_none_where_a_mail_server_takes_it(settings: LazySettings, home: Path) -> None:
    settings.EMAIL_HOST = ""
    assert outbox() == home / "outbox"
    settings.EMAIL_HOST = "mail.example.org"
    assert outbox() is None
