"""What this product asks of django-allauth."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # published without types
    """People come by invitation, by the owner's link or by whoever runs the server, never by themselves."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
