"""Conversations and the tree of their messages.

A message keeps where it stands, so that no question has to walk the tree message by message. A **lane** is a run of
messages of which each is the first answer to the one before it; every later sibling begins a lane of its own, which is
named by its first message. So the branch that ends in a message is a few stretches of lanes (one more for each edit or
regeneration on the way), and a stretch is a range of an index: `queries.stretches`.
"""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from workspace.accounts.models import User
from workspace.common import roles
from workspace.common.constraints import Reference, TenantIsolation
from workspace.common.contracts import KeyOwner, Surface
from workspace.common.fields import SealedField
from workspace.common.models import REFERABLE, TenantModel

ALIVE = models.Q(deleted_at=None)
LISTED = ALIVE & models.Q(is_temporary=False)


class Conversation(TenantModel):
    """One person's chat. Its content is sealed with a key of its own: destroying that ends all of it.

    `updated_at` is the last activity: the newest message, or the beginning. Renaming or pinning is none.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    title = SealedField(KeyOwner.CONVERSATION, "id", null=True)
    # Whether a person chose the title; then no job replaces it.
    is_named = models.BooleanField(default=False)
    is_temporary = models.BooleanField(default=False)
    is_pinned = models.BooleanField(default=False)
    is_archived = models.BooleanField(default=False)
    # The model that was asked for; empty: whichever the pool serves.
    model = models.CharField(max_length=100, blank=True)
    surface = models.CharField(max_length=16, choices=[(surface.value, surface.value) for surface in Surface])
    policy_version = models.CharField(max_length=40)
    active_leaf = models.ForeignKey(
        "Message", on_delete=models.DO_NOTHING, related_name="+", null=True, db_constraint=False
    )
    # How many messages were ever written: the sequence of the newest.
    message_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            TenantIsolation(
                name="conversation_tenant", beyond={roles.SWEEP: "select"}, runner="select, update (title)"
            ),
            REFERABLE,
            Reference("active_leaf", name="conversation_active_leaf", on_delete="set null"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["user", "is_archived", "-updated_at", "-id"], name="conversation_listed", condition=LISTED
            ),
            models.Index(
                fields=["user", "-updated_at", "-id"],
                name="conversation_pinned",
                condition=LISTED & models.Q(is_pinned=True),
            ),
            models.Index(
                fields=["expires_at"], name="conversation_expiring", condition=models.Q(expires_at__isnull=False)
            ),
            models.Index(
                fields=["deleted_at"], name="conversation_deleted", condition=models.Q(deleted_at__isnull=False)
            ),
        ]


class Message(TenantModel):
    """What one side said. `body` is a sealed, versioned list of typed parts (`bodies`); a user's message never changes.

    What a policy decided when it was written stands beside it and cannot be filled in afterwards.
    """

    class Role(models.TextChoices):
        USER = "user"
        ASSISTANT = "assistant"

    class Status(models.TextChoices):
        RUNNING = "running"
        DONE = "done"
        STOPPED = "stopped"
        FAILED = "failed"

    conversation = models.ForeignKey(
        Conversation, on_delete=models.DO_NOTHING, related_name="messages", db_constraint=False, db_index=False
    )
    parent = models.ForeignKey(
        "self", on_delete=models.DO_NOTHING, related_name="children", null=True, db_constraint=False, db_index=False
    )
    # From 1, in the order of writing.
    sequence = models.PositiveIntegerField()
    # From 0, among the messages with the same parent.
    sibling = models.PositiveIntegerField()
    # See above. `depth` counts from 0 at the first message.
    lane = models.UUIDField()
    depth = models.PositiveIntegerField()
    role = models.CharField(max_length=9, choices=Role)
    status = models.CharField(max_length=7, choices=Status)
    body = SealedField(KeyOwner.CONVERSATION, "conversation_id", null=True)
    # The turn that writes or wrote this answer: the newest run on it.
    run_id = models.UUIDField(null=True)
    # Whether the answer was cut where its length ended, and so may be continued.
    is_cut = models.BooleanField(default=False)
    # What made it, in numbers and names of our own; shown as its receipt.
    receipt = models.JSONField(null=True)
    # Its token ids under the token list with this fingerprint.
    tokens = SealedField(KeyOwner.CONVERSATION, "conversation_id", null=True)
    tokens_of = models.CharField(max_length=64, blank=True)
    surface = models.CharField(max_length=16, choices=[(surface.value, surface.value) for surface in Surface])
    policy_version = models.CharField(max_length=40)
    training_allowed = models.BooleanField()
    training_reason = models.CharField(max_length=40)
    consent_sequence = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta(TenantModel.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            TenantIsolation(name="chat_message_tenant", runner="select, update"),
            REFERABLE,
            Reference("conversation", name="message_conversation", on_delete="cascade"),
            Reference("parent", name="message_parent"),
            models.UniqueConstraint(fields=["workspace_id", "conversation", "sequence"], name="message_sequence"),
            models.UniqueConstraint(fields=["workspace_id", "lane", "depth"], name="message_place"),
            models.UniqueConstraint(fields=["workspace_id", "parent", "sibling"], name="message_sibling"),
            models.UniqueConstraint(
                fields=["workspace_id", "conversation", "sibling"],
                name="message_first_sibling",
                condition=models.Q(parent=None),
            ),
            # A question is being answered once at a time.
            models.UniqueConstraint(
                fields=["workspace_id", "parent"], name="message_one_running", condition=models.Q(status="running")
            ),
        ]

    @property
    def may_go_on(self) -> bool:
        """Whether this is an answer that did not come to its end."""
        return self.status in {self.Status.STOPPED, self.Status.FAILED} or self.is_cut


class Draft(TenantModel):
    """What a person has written and not sent, in one of their chats or (no conversation) for one still to begin.

    Its id is made from whose and where, so that there is one of each: `drafts`.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    conversation = models.ForeignKey(
        Conversation, on_delete=models.DO_NOTHING, related_name="+", null=True, db_constraint=False
    )
    text = SealedField(KeyOwner.USER, "user_id")
    updated_at = models.DateTimeField(db_default=Now())

    class Meta(TenantModel.Meta):
        constraints: ClassVar[list[models.BaseConstraint]] = [
            TenantIsolation(name="draft_tenant", beyond={roles.SWEEP: "select, delete"}, runner=""),
            Reference("conversation", name="draft_conversation", on_delete="cascade"),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["updated_at"], name="draft_age")]
