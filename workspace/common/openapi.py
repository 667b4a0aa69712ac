"""How the API's description tells about the models of query strings."""

from drf_spectacular.utils import OpenApiParameter

from workspace.common.bodies import Query


def parameters_of(model: type[Query]) -> list[OpenApiParameter]:
    """The `parameters` of extend_schema for what `WorkView.query(model)` reads."""
    described = model.model_json_schema()
    required = described.get("required", [])
    return [
        OpenApiParameter(name, {key: told for key, told in field.items() if key != "title"}, required=name in required)
        for name, field in described["properties"].items()
    ]
