"""Ways in beside the form: an invitation by mail, and a new password by mail."""

import pytest
from playwright.sync_api import expect

from tests.browser import post, talk
from tests.browser.court import PASSWORD, Court, Person, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

NEW = "eight louder rooms beside the court"


def test_an_invited_colleague_comes_in_by_the_link_of_their_mail_and_asks(court: Court, reader: Person) -> None:
    address = f"newcomer.{reader.language}@example.org"
    with court.inside(reader) as visit:
        visit.page.goto("/members")
        visit.page.get_by_role("link", name=visit.words("Invite"), exact=True).click()
        visit.page.locator("[name=emails]").fill(address)
        visit.page.get_by_role("button", name=visit.words("Invite"), exact=True).click()
        expect(visit.page.get_by_role("status").get_by_text(address).first).to_be_visible()

    link = post.link_for(court.product, address)
    with court.visit(reader.language) as newcomer:
        page, words = newcomer.page, newcomer.words
        page.goto(link)
        welcome = words("Welcome to %(workspace)s", workspace="Kitano Precision")
        expect(page.get_by_role("heading", name=welcome)).to_be_visible()
        page.locator("[name=name]").fill("Noa Kim")
        page.locator("[name=password]").first.fill(PASSWORD)
        page.get_by_role("button", name=words("Join the workspace")).click()
        page.wait_for_url("**/")
        talk.begin(page, f"What may a newcomer ask? {reader.language}")
        talk.ended(page)
        assert page.request.get("/api/me").json()["user"]["email"] == address
        assert page.request.get("/members").status == 403

    with court.visit(reader.language) as late:
        late.page.goto(link)
        expect(late.page.get_by_role("heading", name=late.words("This invitation was accepted"))).to_be_visible()
        late.complaints.clear()  # the browser's own line about the status of a spent link


def test_a_forgotten_password_is_replaced_by_the_link_of_a_mail(court: Court, reader: Person) -> None:
    person = court.person(f"forgetful.{reader.language}@example.org", "Jo Mori", reader.language)
    with court.visit(person.language) as visit:
        page, words = visit.page, visit.words
        page.goto("/sign-in")
        page.get_by_role("link", name=words("Forgot your password?")).click()
        page.locator("main [name=email]").fill(person.email)
        page.get_by_role("button", name=words("Send the link")).click()
        expect(page.get_by_role("heading", name=words("Look into your mail"))).to_be_visible()

        link = post.link_for(court.product, person.email)
        page.goto(link)
        page.locator("main [name=password]").fill(NEW)
        page.get_by_role("button", name=words("Keep this password")).click()
        page.wait_for_url("**/sign-in*")
        sign_in(visit, person.email, NEW)
        assert page.request.get("/api/me").json()["user"]["email"] == person.email

    with court.visit(person.language) as late:
        late.page.goto(link)
        spent = late.words("This link does not work any more")
        expect(late.page.get_by_role("heading", name=spent)).to_be_visible()
        late.complaints.clear()
