"""Every address of the product."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("workspace.accounts.urls")),
    path("", include("workspace.chat.urls")),
]

handler400 = "workspace.common.views.bad_request"
handler403 = "workspace.common.views.forbidden"
handler404 = "workspace.common.views.not_found"
handler500 = "workspace.common.views.failed"
