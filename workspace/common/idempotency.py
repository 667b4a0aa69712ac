"""Idempotency-Key: the same key and body of the same person have one effect and one answer for 24 hours.

The record is inserted before the effect, in its transaction. Whoever sends the same key at the same time waits at the
unique constraint until that transaction has ended: then there is the answer, or, after a failure, the way is free.
"""

import hashlib
import hmac
import json
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import orjson
from django.db import connection
from django.db.models.functions import Now
from rest_framework.response import Response

from workspace.common import keys, sealed
from workspace.common.ciphers import OpenedKey
from workspace.common.contracts import Actor, KeyOwner
from workspace.common.errors import FieldError, IdempotencyConflict, Invalid
from workspace.common.models import IdempotencyRecord
from workspace.common.work import here

KEPT: Final = timedelta(hours=24)
_KEY: Final = re.compile(r"[\x20-\x7e]{1,255}")

# An expired record that the sweep has not yet met is taken over; a living one is left alone, and no row comes back.
_INSERT: Final = """
insert into common_idempotencyrecord as record (id, workspace_id, user_id, key_digest, body_digest, status)
values (%s, %s, %s, %s, %s, 0)
on conflict (workspace_id, user_id, key_digest) do update
set id = excluded.id, body_digest = excluded.body_digest, status = 0, response = null, created_at = now()
where record.created_at < now() - make_interval(secs => %s)
returning id
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A POST that carries a key. `body` is the parsed JSON: spelling it otherwise is no other body."""

    actor: Actor
    key: str
    path: str
    body: Any


def once(asked: Asked, act: Callable[[], Response]) -> Response:
    """Acts and remembers the answer, or gives the remembered one. Runs in the actor's unit. Errors are not remembered.

    Raises:
        Invalid: the key is empty, longer than 255 characters or not printable ASCII.
        IdempotencyConflict: the key was used with another body or address.
    """
    if not _KEY.fullmatch(asked.key):
        fault = FieldError("Idempotency-Key", "invalid_key", "1 to 255 printable ASCII characters.")
        raise Invalid(errors=(fault,))
    key = keys.open_one(KeyOwner.USER, asked.actor.user)
    name = _digest(key, "key", asked.key.encode())
    body = _digest(key, "body", asked.path.encode() + b"\0" + json.dumps(asked.body, sort_keys=True).encode())
    if not _inserted(asked.actor, name, body):
        return _remembered(asked.actor, name, body, key)
    response = act()
    record = IdempotencyRecord.objects.get(user_id=asked.actor.user, key_digest=name)
    record.status = response.status_code
    sealed.write(record, "response", orjson.dumps(response.data, option=orjson.OPT_UTC_Z), key)
    record.save(update_fields=["status", "response"])
    return response


def _digest(key: OpenedKey, purpose: str, text: bytes) -> bytes:
    """Keyed, so that nobody can try out bodies on a stolen table."""
    return hmac.new(key.secret, f"idempotency {purpose}\0".encode() + text, hashlib.sha256).digest()


def _inserted(actor: Actor, name: bytes, body: bytes) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [uuid.uuid4(), here().workspace, actor.user, name, body, KEPT.total_seconds()])
        return cursor.fetchone() is not None


def _remembered(actor: Actor, name: bytes, body: bytes, key: OpenedKey) -> Response:
    record = IdempotencyRecord.objects.get(user_id=actor.user, key_digest=name)
    if not hmac.compare_digest(bytes(record.body_digest), body):
        raise IdempotencyConflict("Use a new key for a new request.")
    return Response(orjson.loads(sealed.read(record, "response", key)), status=record.status)


def forget() -> int:
    """Deletes the records that are older than 24 hours, of all workspaces. Returns how many."""
    return IdempotencyRecord.objects.using("sweep").filter(created_at__lt=Now() - KEPT).delete()[0]
