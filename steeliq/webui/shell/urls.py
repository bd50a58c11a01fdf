"""Addresses of this area."""

from django.urls import path

from steeliq.webui.core.later import Later

views = Later("steeliq.webui.shell.views")

urlpatterns = [
    path("closing/", views.closing, name="closing"),
    path("close/", views.close, name="close"),
    path("offered/<slug:key>/", views.opened, name="offered"),
]
