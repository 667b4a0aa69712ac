"""Every address of the product."""

from django.urls import URLPattern, URLResolver, include, path

from workspace.config import health
from workspace.config.openapi import Docs, Schema

urlpatterns: list[URLPattern | URLResolver] = [
    path("health/live", health.live),
    path("health/ready", health.ready),
    path("api/schema", Schema.as_view(), name="schema"),
    path("api/docs", Docs.as_view(url_name="schema"), name="docs"),
    path("", include("workspace.accounts.urls")),
    path("", include("workspace.chat.urls")),
    path("", include("workspace.web.urls")),
]

handler400 = "workspace.common.views.bad_request"
handler403 = "workspace.common.views.forbidden"
handler404 = "workspace.common.views.not_found"
# django-allauth looks for it when somebody tries too often.
handler429 = "workspace.common.views.too_many"
handler500 = "workspace.common.views.failed"
