"""Addresses of this area."""

from django.urls import path

from steeliq.webui.shell import views

urlpatterns = [
    path("closing/", views.closing, name="closing"),
    path("close/", views.close, name="close"),
    path("offered/<slug:key>/", views.opened, name="offered"),
]
