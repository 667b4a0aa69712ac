"""The branch that ends in a message, as stretches of lanes; see `models` for why it is no walk."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import Q

from workspace.chat.contracts import Stretch
from workspace.chat.models import Message

# One step for each lane on the way to the root: the lane's first message, and that one's parent in another lane.
_STRETCHES = """
with recursive stretch as (
  select last.lane, head.depth as first, last.depth as last, head.parent_id
    from chat_message last join chat_message head on head.id = last.lane where last.id = %s
  union all
  select last.lane, head.depth, last.depth, head.parent_id
    from stretch join chat_message last on last.id = stretch.parent_id join chat_message head on head.id = last.lane
)
select lane, first, last from stretch order by first
"""
# The newest child of each message, down to one that has none.
_NEWEST_LEAF = """
with recursive step as (
  select id from chat_message where id = %s
  union all
  select child.id from step cross join lateral (
    select id from chat_message where parent_id = step.id order by sibling desc limit 1) child
)
select id from step where not exists (select from chat_message where parent_id = step.id)
"""


@dataclass(frozen=True, slots=True)
class Branch:
    """The messages from the first of a conversation down to a leaf: one at each depth from 0 to `depth`."""

    leaf: UUID
    stretches: tuple[Stretch, ...]

    @property
    def depth(self) -> int:
        return self.stretches[-1].last

    def between(self, first: int, last: int) -> list[Message]:
        """Its messages from depth `first` to depth `last`, in order, in one query."""
        parts = [
            Q(lane=stretch.lane, depth__gte=max(first, stretch.first), depth__lte=min(last, stretch.last))
            for stretch in self.stretches
            if stretch.first <= last and first <= stretch.last
        ]
        if not parts:
            return []
        wanted = Q()
        for part in parts:
            wanted |= part
        return list(Message.objects.filter(wanted).order_by("depth"))

    def upwards(self, batch: int) -> Iterator[Message]:
        """Its messages from the leaf up to the first, asked for in batches as they are needed."""
        last = self.depth
        while last >= 0:
            yield from reversed(self.between(last - batch + 1, last))
            last -= batch


def branch_to(leaf: UUID) -> Branch:
    """The branch that ends in this message. Runs in a unit."""
    with connection.cursor() as cursor:
        cursor.execute(_STRETCHES, [leaf])
        return Branch(leaf, tuple(Stretch(*row) for row in cursor.fetchall()))


def newest_leaf_below(message: UUID) -> UUID:
    """The leaf to which the newest answers below a message lead; the message itself where nothing follows it."""
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST_LEAF, [message])
        return UUID(str(cursor.fetchone()[0]))
