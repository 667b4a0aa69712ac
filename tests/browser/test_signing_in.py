"""Everybody comes in by the same door, in their language."""

import pytest
from playwright.sync_api import expect

from tests.browser.axe import violations
from tests.browser.court import Court, Person, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_a_person_signs_in_and_out(court: Court, reader: Person) -> None:
    with court.visit(reader.language) as visit:
        sign_in(visit, reader.email)
        expect(visit.page.locator("html")).to_have_attribute("lang", reader.language)
        assert violations(visit.page) == []
