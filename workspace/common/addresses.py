"""Addresses of this product: which ones it leads to, and how they read outside of it."""

from django.conf import settings
from django.utils.http import url_has_allowed_host_and_scheme


def absolute(path: str) -> str:
    """The public address of a path. It follows `ATRIUM_URL`, never what a request says about itself."""
    return f"{settings.ATRIUM_URL}{path}"


def is_own_path(text: str) -> bool:
    """Whether it is a path on this site: what somebody who is to come back may be led to."""
    return text.startswith("/") and url_has_allowed_host_and_scheme(text, allowed_hosts=None)
