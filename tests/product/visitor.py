"""A browser without a screen: cookies, forms, and the API as a page's script uses it."""

from typing import Any

import aiohttp

from tests.product.client import Client

CSRF = "atrium_csrf"


class Visitor(Client):
    """Somebody at the product's pages; nobody is signed in at first."""

    def __init__(self, url: str) -> None:
        super().__init__(url, "")
        del self.session.headers["Authorization"]

    @property
    def csrf(self) -> str:
        """The token that the forms of this browser carry."""
        return next((cookie.value for cookie in self.session.cookie_jar if cookie.key == CSRF), "")

    async def sign_in(self, email: str, password: str) -> None:
        """Through the page."""
        await self.open("/sign-in")
        assert await self.submit("/sign-in", login=email, password=password) == "/"

    async def open(self, path: str) -> int:
        """Reads a page; its status."""
        async with self.session.get(self.url + path, headers={"Accept": "text/html"}, allow_redirects=False) as answer:
            await answer.read()
            return answer.status

    async def submit(self, path: str, **fields: str) -> str:
        """Sends a form; where it leads, or "" where it was not taken."""
        form = aiohttp.FormData(fields | {"csrfmiddlewaretoken": self.csrf})
        async with self.session.post(self.url + path, data=form, allow_redirects=False) as answer:
            await answer.read()
            return answer.headers.get("Location", "")

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """As a script of a page calls the API."""
        return await super().call(method, path, body, **headers, **{"X-CSRFToken": self.csrf})
