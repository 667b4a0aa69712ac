"""Which addresses are ours."""

import pytest
from django.conf import LazySettings

from workspace.common.addresses import absolute, is_own_path


@pytest.mark.parametrize("text", ["/", "/chats?archived=1", "/a//b", "/%2F"])
def test_a_path_of_this_site_is_ours(text: str) -> None:
    assert is_own_path(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "chats",
        "//evil.example",
        "/\\evil.example",
        "///evil.example",
        "https://evil.example",
        "/\t/evil.example",
        "http://localhost:1/",
        "javascript:alert(1)",
        "\\\\evil.example",
        " //evil.example",
        "/\n/evil.example",
    ],
)
def test_what_leads_elsewhere_is_not(text: str) -> None:
    assert not is_own_path(text)


def test_a_path_reads_outside_as_the_public_address_says(settings: LazySettings) -> None:
    settings.ATRIUM_URL = "https://atrium.example"

    assert absolute("/x") == "https://atrium.example/x"
