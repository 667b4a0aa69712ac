"""The sidebar's port: pages of every room show it, and the room at the top of the chain, which knows all that it
leads to, draws it.
"""

from collections.abc import Callable

from django.http import HttpRequest
from django.utils.safestring import SafeString

from workspace.common.contracts import Actor

Sidebar = Callable[[HttpRequest, Actor], SafeString]

_installed: list[Sidebar] = []


def install_sidebar(sidebar: Sidebar) -> None:
    """Called once, by the room that draws it."""
    _installed[:] = [sidebar]


def sidebar(request: HttpRequest, actor: Actor) -> SafeString:
    """The sidebar for this person, in the open unit; empty where no room draws one."""
    return _installed[0](request, actor) if _installed else SafeString()
