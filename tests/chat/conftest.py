"""What the tests of this room stand on: somebody who talks."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cast import Person
    from tests.chat.talk import Browser


@pytest.fixture
def browser(alice: "Person") -> "Browser":
    """Alice's program."""
    from tests.chat.talk import Browser

    return Browser(alice)
