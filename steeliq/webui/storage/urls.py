"""Addresses of the storage page and its forms."""

from django.urls import path

from steeliq.webui.core.later import Later

views = Later("steeliq.webui.storage.views")

app_name = "storage"

urlpatterns = [
    path("", views.storage, name="storage"),
    path("clear/<slug:slug>/", views.clear, name="clear"),
    path("backup/", views.create_backup, name="backup"),
    path("restore/stop/", views.take_back_order, name="stop"),
    path("restore/<str:name>/", views.restore, name="restore"),
]
