"""The page of devices."""

import re
import uuid

from tests.accounts.views.conftest import Entered
from tests.cast import Person
from workspace.accounts.models import BrowserSession


def test_the_page_names_each_browser_and_marks_this_one(entered: Entered, alice: Person, bob: Person) -> None:
    here, there, theirs = entered(alice), entered(alice), entered(bob)
    there.get("/account", headers={"User-Agent": "Mozilla/5.0 (iPhone) Version/17.0 Mobile Safari/604.1"})
    theirs.get("/account")

    page = here.get("/account/sessions").content.decode()

    assert len(re.findall(r'<li class="list-item">', page)) == 2
    assert "Firefox on Linux" in page
    assert "Safari on iPhone" in page
    assert page.count("This browser") == 1
    assert "Sign out everywhere else" in page


def test_one_browser_is_signed_out(entered: Entered, alice: Person) -> None:
    here, there = entered(alice), entered(alice)
    there.get("/account")
    session = BrowserSession.objects.get(session_id=there.session.session_key).id

    answer = here.post(f"/account/sessions/{session}/end", follow=True)

    assert "That browser is signed out." in answer.content.decode()
    assert "Sign out everywhere else" not in answer.content.decode()
    assert there.get("/account")["Location"] == "/sign-in?next=/account"


def test_this_browser_is_led_to_sign_in(entered: Entered, alice: Person) -> None:
    here = entered(alice)
    here.get("/account")
    session = BrowserSession.objects.get().id

    assert here.post(f"/account/sessions/{session}/end")["Location"] == "/sign-in"
    assert here.get("/api/me").status_code == 401


def test_all_others_are_signed_out(entered: Entered, alice: Person) -> None:
    here, others = entered(alice), [entered(alice) for _ in range(3)]
    for other in others:
        other.get("/account")

    page = here.post("/account/sessions/end-others", follow=True).content.decode()

    assert "3 other browsers were signed out." in page
    assert {other.get("/api/me").status_code for other in others} == {401}
    assert here.get("/api/me").status_code == 200


def test_a_session_that_is_not_ones_own_is_not_found(entered: Entered, alice: Person, bob: Person) -> None:
    here, theirs = entered(alice), entered(bob)
    theirs.get("/account")

    for session in (BrowserSession.objects.get().id, uuid.uuid4()):
        assert here.post(f"/account/sessions/{session}/end").status_code == 404
    assert theirs.get("/api/me").status_code == 200
