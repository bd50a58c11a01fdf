"""Addresses of this area."""

from django.urls import path

from steeliq.webui.core.later import Later

editing = Later("steeliq.webui.scenarios.editing")
views = Later("steeliq.webui.scenarios.views")

urlpatterns = [
    path("", views.index, name="scenarios"),
    path("new/", editing.editor, name="scenario-editor"),
    path("diff/", views.diff, name="scenario-diff"),
    path("download/", views.download, name="scenario-download"),
    path("upload/", views.upload, name="scenario-upload"),
    path("delete/", views.delete, name="scenario-delete"),
    path("run/", views.run, name="scenario-run"),
]
