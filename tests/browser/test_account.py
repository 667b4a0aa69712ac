"""What people do with their own account."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.court import PASSWORD, Court, Person, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_a_token_is_shown_once_works_and_can_be_revoked(court: Court, reader: Person) -> None:
    with court.inside(reader) as visit:
        page, words = visit.page, visit.words
        page.goto("/account/tokens")
        page.get_by_label(words("What it is for")).fill("ERP export")
        page.get_by_role("button", name=words("Make the token")).click()
        token = page.locator("#new-token").inner_text()
        bearer = {"Authorization": f"Bearer {token}"}
        assert page.request.get("/api/me", headers=bearer).json()["user"]["email"] == reader.email

        page.goto("/account/tokens")
        expect(page.get_by_text("ERP export").first).to_be_visible()
        assert token not in page.content()

        row = page.get_by_role("listitem").filter(has_text="ERP export")
        row.locator("summary").click()
        row.get_by_role("button", name=words("Revoke the token")).click()
        said = words("The token is revoked. Programs that use it are refused from now on.")
        expect(page.get_by_role("status").get_by_text(said)).to_be_visible()

    with court.visit() as nobody:
        assert nobody.page.request.get("/api/me", headers=bearer).status == 401


def test_signing_out_everywhere_else_ends_the_other_browser(court: Court, reader: Person) -> None:
    with court.inside(reader) as here, court.inside(reader) as there:
        here.page.goto("/account/sessions")
        expect(here.page.get_by_text(here.words("This browser"))).to_be_visible()
        here.page.get_by_role("button", name=here.words("Sign out everywhere else")).click()
        expect(here.page.get_by_role("button", name=here.words("Sign out everywhere else"))).to_have_count(0)
        expect(there.page).to_have_url(re.compile("/sign-in"), timeout=6_000)  # by itself, within five seconds
        here.page.goto("/chats")
        expect(here.page.get_by_role("heading", level=1)).to_have_text(here.words("All chats"))
        there.complaints[:] = [said for said in there.complaints if "status of 401" not in said]


def test_language_and_theme_follow_a_person_to_another_browser(court: Court) -> None:
    person = court.person("traveller@example.org", "Kai Mori")
    with court.inside(person) as visit:
        page = visit.page
        page.goto("/account")
        page.get_by_label(visit.words("Language")).select_option("ja")
        page.get_by_label(visit.words("Appearance")).select_option("dark")
        page.get_by_role("button", name=visit.words("Save")).click()
        expect(page.locator("html")).to_have_attribute("lang", "ja")

    with court.inside(person) as elsewhere:
        expect(elsewhere.page.locator("html")).to_have_attribute("lang", "ja")
        expect(elsewhere.page.locator("html")).to_have_attribute("data-theme", "dark")


def test_a_new_password_replaces_the_old_one_and_ends_other_browsers(court: Court, reader: Person) -> None:
    person = court.person(f"changer.{reader.language}@example.org", "Ana Ito", reader.language)
    new = "eight louder rooms beside the court"
    with court.inside(person) as here, court.inside(person) as there:
        page, words = here.page, here.words
        page.goto("/account/password")
        page.get_by_label(words("Present password")).fill(PASSWORD)
        page.get_by_label(words("New password")).fill(new)
        page.get_by_role("button", name=words("Change the password")).click()
        expect(page.get_by_role("status").first).to_be_visible()
        there.page.goto("/chats")
        expect(there.page).to_have_url(re.compile("/sign-in"))
        there.complaints.clear()

    with court.visit(person.language) as visit:
        sign_in(visit, person.email, new)
