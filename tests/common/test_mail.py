"""Where mail is handed over."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workspace.common.environment import EnvironmentValueError
from workspace.common.mail import MailServer


@pytest.mark.parametrize(
    "url, server",
    [
        ("", MailServer()),
        ("smtp://mail.example.org", MailServer("mail.example.org", 25)),
        ("smtp://mail.example.org:2525/", MailServer("mail.example.org", 2525)),
        ("smtp://me:p%40ss%2F@mail:587?tls=1", MailServer("mail", 587, "me", "p@ss/", is_starttls=True)),
        ("smtp://mail?tls=1", MailServer("mail", 587, is_starttls=True)),
        ("smtps://me%40acme:x@mail", MailServer("mail", 465, "me@acme", "x", is_tls=True)),
        ("smtps://[::1]:1465", MailServer("::1", 1465, is_tls=True)),
    ],
)
def test_an_address_names_a_server(url: str, server: MailServer) -> None:
    assert MailServer.named(url) == server


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.org",
        "http://mail",
        "smtp://",
        "smtp://mail:port",
        "smtp://mail:70000",
        "smtp://mail/folder",
        "smtp://mail?tls=yes",
        "smtp://mail?ssl=1",
        "smtps://mail?tls=1",
    ],
)
def test_an_address_that_is_none_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(EnvironmentValueError) as refused:
        MailServer.named(url)

    assert "EMAIL_URL takes" in str(refused.value)


@given(st.text())
def test_any_text_names_a_server_or_is_refused(text: str) -> None:
    with contextlib.suppress(EnvironmentValueError):
        MailServer.named(text)


def test_the_password_is_not_shown() -> None:
    assert "geheim" not in repr(MailServer.named("smtps://me:geheim@mail"))
