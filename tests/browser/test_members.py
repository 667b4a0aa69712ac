"""People come into a workspace and are shut out of it."""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.browser.court import Court, Person

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PROMISED_SECONDS = 5


def test_a_member_who_is_shut_out_is_out_within_five_seconds(court: Court, reader: Person) -> None:
    member = court.person(f"leaver.{reader.language}@example.org", "Lee Ver", reader.language)
    with court.inside(reader) as admin, court.inside(member) as visit:
        page, words = admin.page, admin.words
        page.goto("/members?q=leaver." + reader.language)
        page.get_by_role("link", name=member.name).click()
        page.get_by_text(words("Deactivate …")).click()
        with visit.page.expect_response(lambda answer: answer.url.endswith("/notices") and answer.status == 401):
            began = time.monotonic()
            page.get_by_role("button", name=words("Yes, deactivate")).click()
        out = time.monotonic() - began
        visit.page.goto("/chats")
        visit.complaints.clear()

        expect(page.get_by_role("button", name=words("Reactivate"))).to_be_visible()
        expect(visit.page).to_have_url(re.compile("/sign-in|/account-closed"))
        assert out < PROMISED_SECONDS
        assert page.request.get("/api/me", headers={"Authorization": f"Bearer {member.token}"}).status == 401
