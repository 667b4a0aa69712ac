"""The description of the event stream, which is no REST view and describes itself here."""

from typing import Any, Final

EVENTS: Final[dict[str, Any]] = {
    "operationId": "turn_events",
    "summary": "A turn's events as they come",
    "description": (
        "Server-sent events. `id` counts from 1 without gaps; an event with an id is committed and never changes. "
        "`event` is `started`, `text`, `reasoning`, `tool`, `citation`, `resumed`, `replaced`, and at last `done`, "
        "`stopped`, `failed`, after which the stream closes. All `text` deltas, joined, are the message's text. "
        "A comment every 15 seconds keeps the connection alive. At or after the final event the answer is 204. "
        "With `as=html`, `text` comes as `blocks`: what a page has to do to show it; final events bring the whole "
        "answer as `html`."
    ),
    "tags": ["api"],
    "security": [{"token": []}, {"session": []}],
    "parameters": [
        {"name": "turn", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}},
        {
            "name": "Last-Event-ID",
            "in": "header",
            "description": "Go on after this event. It wins over `after`.",
            "schema": {"type": "string", "pattern": "^[0-9]{1,9}$"},
        },
        {
            "name": "after",
            "in": "query",
            "description": "The same, for those who cannot set a header.",
            "schema": {"type": "string", "pattern": "^[0-9]{1,9}$"},
        },
        {
            "name": "as",
            "in": "query",
            "description": "The events as they are, or as fragments for a page.",
            "schema": {"type": "string", "enum": ["json", "html"], "default": "json"},
        },
    ],
    "responses": {
        "200": {
            "description": "The stream",
            "content": {
                "text/event-stream": {
                    "schema": {"type": "string"},
                    "example": 'id: 3\nevent: text\ndata: {"delta":"Kyoto","at":0}\n\n',
                }
            },
        }
    },
}


def with_events(result: dict[str, Any], **context: Any) -> dict[str, Any]:
    """drf-spectacular's hook: adds the stream to the description."""
    result["paths"]["/api/turns/{turn}/events"] = {"get": EVENTS}
    return result
