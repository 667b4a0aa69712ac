"""What holds for every operation is written into the description once."""

from typing import Any, Final

from drf_spectacular.renderers import OpenApiJsonRenderer2
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response

from workspace.common.problems import CONTENT_TYPE

_TEXT: Final = {"type": "string"}
PROBLEM: Final = {
    "type": "object",
    "description": "RFC 9457, with a stable code and whether trying again may help.",
    "required": ["type", "title", "status", "detail", "code", "retryable"],
    "properties": {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "code": _TEXT,
        "retryable": {"type": "boolean"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "code", "detail"],
                "properties": {"field": _TEXT, "code": _TEXT, "detail": _TEXT},
            },
        },
    },
}
IDEMPOTENCY_KEY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key and body give the same answer for 24 hours.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
}


class Schema(SpectacularAPIView):
    """OpenAPI 3.1 in JSON."""

    renderer_classes = [OpenApiJsonRenderer2]
    http_method_names = ["get", "head"]


class Docs(SpectacularSwaggerSplitView):
    """The description as a page. Swagger UI writes styles into its elements, so this page alone allows them."""

    policy: Final = (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )

    http_method_names = ["get", "head"]

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        response: Response = super().get(request, *args, **kwargs)  # type: ignore[no-untyped-call]
        response["Content-Security-Policy"] = self.policy
        return response


def common_parts(result: dict[str, Any], **context: Any) -> dict[str, Any]:
    """drf-spectacular's hook: adds the problem object to every operation, Idempotency-Key to every POST, and in front
    of each the first sentence of its description.
    """
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    answer = {
        "description": "An error",
        "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for operations in result["paths"].values():
        for method, operation in operations.items():
            operation["responses"].setdefault("default", answer)
            operation.setdefault("summary", operation.get("description", "").partition(".")[0])
            if method == "post":
                operation.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
    return result
