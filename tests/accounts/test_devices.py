"""What a browser says of itself, in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workspace.accounts.devices import Device, device

MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/"
KHTML = "(KHTML, like Gecko) "


@pytest.mark.parametrize(
    "agent, expected",
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", Device("Firefox", "Linux", False)),
        (f"{MAC}537.36 {KHTML}Chrome/142.0.0.0 Safari/537.36", Device("Chrome", "macOS", False)),
        (f"{MAC}605.1.15 {KHTML}Version/26.0 Safari/605.1.15", Device("Safari", "macOS", False)),
        (
            f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 {KHTML}Chrome/142 Safari/537.36 Edg/142",
            Device("Edge", "Windows", False),
        ),
        (
            f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) {KHTML}Version/18.0 Mobile/15E148 Safari/604.1",
            Device("Safari", "iPhone", True),
        ),
        (f"Mozilla/5.0 (iPad; CPU OS 18_0) {KHTML}CriOS/142 Mobile Safari/604.1", Device("Chrome", "iPad", True)),
        (f"Mozilla/5.0 (Linux; Android 16) {KHTML}Chrome/142 Mobile Safari/537", Device("Chrome", "Android", True)),
        ("curl/8.14.1", Device("", "", False)),
        ("", Device("", "", False)),
    ],
)
def test_common_browsers_are_known(agent: str, expected: Device) -> None:
    assert device(agent) == expected


@given(agent=st.text(max_size=300))
def test_nothing_that_a_browser_says_breaks_the_page(agent: str) -> None:
    assert isinstance(device(agent), Device)
