"""Addresses of sign-in and of the API of people. The names with `account_` are those that django-allauth looks for."""

from allauth.account import views as allauth
from django.urls import path

from workspace.accounts.api import MeView
from workspace.accounts.views import doors
from workspace.accounts.views.preferences import PreferencesView

urlpatterns = [
    path("sign-in", allauth.login, name="account_login"),
    path("sign-out", allauth.logout, name="account_logout"),
    path("sign-up", allauth.signup, name="account_signup"),
    path("account-closed", allauth.account_inactive, name="account_inactive"),
    path("set-up", doors.set_up, name="set_up"),
    path("preferences", PreferencesView.as_view(), name="preferences"),
    path("api/me", MeView.as_view(), name="me"),
]
