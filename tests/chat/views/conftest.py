"""What the tests of these pages stand on: Alice at a browser, beside her program."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from django.utils import translation

if TYPE_CHECKING:
    from tests.cast import Person
    from tests.chat.views.visitor import Visitor


@pytest.fixture(autouse=True)
def language_of_its_own() -> Iterator[None]:
    """A request leaves its language to the thread; in a server the next one sets its own."""
    yield
    translation.deactivate()


@pytest.fixture
def visitor(alice: "Person") -> "Visitor":
    """Alice, signed in."""
    from tests.chat.views.visitor import Visitor

    return Visitor(alice)
