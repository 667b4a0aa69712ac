"""A page as the browser's element keeps it: it does what changes tell it to, and nothing else."""

from tests.common.prose.markup import Node, parsed
from workspace.common.prose.growing import Added, Redrawn


class Page:
    """Shows a growing text."""

    def __init__(self) -> None:
        self.body = Node("div")
        self.complete: list[str] = []

    @property
    def html(self) -> str:
        """What stands in the body, without the mark of the open place."""
        return "".join(child.html for child in self.body.elements).replace(' data-open=""', "")

    def do(self, change: Redrawn | Added | None) -> None:
        """Removes and appends as it is told. What was complete may never be touched again."""
        if change is None:
            return
        if isinstance(change, Added):
            self.open.children.append(change.text)
            return
        place = self.body if change.place == "body" else self.open
        fresh = parsed(change.html).children
        assert all(isinstance(child, Node) for child in fresh)
        assert change.start <= len(place.elements)
        place.children = [*place.elements[: change.start], *fresh]
        assert change.closed <= len(place.children)
        if change.place == "body":
            assert change.start >= len(self.complete), "a complete block was drawn again"
            self.complete = [child.html for child in place.elements[: change.closed]]

    @property
    def open(self) -> Node:
        [found] = [node for node in self.body.all() if "data-open" in node.attributes]
        return found
