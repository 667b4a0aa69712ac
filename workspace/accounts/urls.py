"""Addresses of sign-in and of the API of people."""

from django.urls import path

from workspace.accounts.api import MeView

urlpatterns = [path("api/me", MeView.as_view(), name="me")]
