"""What goes over the wire: JSON in UTF-8, in and out, and nothing else."""

from typing import Any

import orjson
from django.conf import settings
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from workspace.common import bodies
from workspace.common.errors import TooLarge


class JsonParser(BaseParser):
    """A request's body, parsed strictly; an empty one is an empty object."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: Any = None, parser_context: Any = None) -> Any:
        """Raises:
        TooLarge: the body is longer than DATA_UPLOAD_MAX_MEMORY_SIZE.
        InvalidJson, Invalid: see `bodies.parse`.
        """
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise TooLarge
        return bodies.parse(raw or b"{}")


class JsonRenderer(BaseRenderer):
    """An answer's body in UTF-8; times end in Z."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> bytes:
        return b"" if data is None else orjson.dumps(data, option=orjson.OPT_UTC_Z)


class OnlyJson(BaseContentNegotiation):
    """There is one kind of answer, whatever the Accept header asks for."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        kind = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == kind), None)

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type
