"""Addresses of the shell's pages."""

from django.urls import path

from workspace.web import views

urlpatterns = [
    path("", views.HomeView.as_view(), name="home"),
    path("chats", views.ChatsView.as_view(), name="chats"),
    path("sidebar", views.SidebarView.as_view(), name="sidebar"),
    path("palette", views.PaletteView.as_view(), name="palette"),
]
