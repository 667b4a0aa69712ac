"""Addresses of the shell's pages."""

from django.urls import path

from workspace.web import views
from workspace.web.set_up import SetUpEngineView

urlpatterns = [
    path("", views.HomeView.as_view(), name="home"),
    path("chats", views.ChatsView.as_view(), name="chats"),
    path("set-up/engine", SetUpEngineView.as_view(), name="set_up_engine"),
    path("sidebar", views.SidebarView.as_view(), name="sidebar"),
    path("palette", views.PaletteView.as_view(), name="palette"),
]
