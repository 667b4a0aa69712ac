"""Somebody at a browser: reads pages as one without JavaScript does, and sends their forms."""

from typing import Any

from django.test import Client

from tests.cast import Person
from tests.web.pages import Element, Parsed
from workspace.accounts.sessions import BACKEND

HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/"}


class Visitor:
    """A person who is signed in with a browser. `shown` is the page that it shows."""

    def __init__(self, person: Person) -> None:
        self.client = Client(headers={"Accept": "text/html"}, raise_request_exception=False)
        self.client.force_login(person.user, backend=BACKEND)
        self.shown = Parsed("")
        self.address = ""

    def open(self, path: str, status: int = 200) -> Parsed:
        """Goes there."""
        return self._arrived(self.client.get(path, follow=True), status)

    def press(self, action: str, status: int = 200, **pressed: str) -> Parsed:
        """Sends the page's form of this address with its hidden fields, and follows where it leads."""
        return self._arrived(self.client.post(action, {**self.hidden(action), **pressed}, follow=True), status)

    def sent(self, action: str, **pressed: str) -> Any:
        """What a script gets that sends the form."""
        return self.client.post(action, {**self.hidden(action), **pressed}, headers=HTMX)

    def part(self, path: str) -> Parsed:
        """A part as a script gets it."""
        answer = self.client.get(path, headers=HTMX)
        assert answer.status_code == 200, answer.content
        return Parsed(answer.content.decode())

    def hidden(self, action: str) -> dict[str, str]:
        """The hidden fields of a form of the page."""
        forms = self.shown.all("form", action=action)
        fields: dict[str, str] = {}
        for element in self.shown.elements[self.shown.elements.index(forms[0]) + 1 :] if forms else []:
            if element.tag == "form":
                break
            if element.attributes.get("type") == "hidden":
                fields[element.attributes["name"]] = element.attributes["value"]
        return fields

    def _arrived(self, answer: Any, status: int) -> Parsed:
        assert answer.status_code == status, answer.content
        self.address = answer.redirect_chain[-1][0] if answer.redirect_chain else answer.request["PATH_INFO"]
        self.shown = Parsed(answer.content.decode())
        assert_one_of_each_id(self.shown)
        return self.shown


def assert_one_of_each_id(page: Parsed) -> None:
    identities = [element.attributes["id"] for element in page.elements if element.attributes.get("id")]
    assert len(identities) == len(set(identities))


def articles(page: Parsed) -> list[Element]:
    """Questions and answers."""
    return page.all("article", class_="turn")


def said(page: Parsed) -> list[str]:
    """Their words, without those of their buttons and margins."""
    wanted, found = "", []
    for element in page.elements:
        classes = element.attributes.get("class", "").split()
        if "turn" in classes:
            wanted = "said" if "question" in classes else "prose"
        elif wanted in classes:
            found.append(element.text)
    return found
