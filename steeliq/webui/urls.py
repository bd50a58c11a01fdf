"""Addresses of the web app; each area keeps its own."""

from django.urls import include, path

from steeliq.webui.core import views

urlpatterns = [
    path("", views.home, name="home"),
    path("health/", views.health, name="health"),
    path("theme/", views.theme, name="theme"),
    path("runs/", include("steeliq.webui.runs.urls")),
    path("scenarios/", include("steeliq.webui.scenarios.urls")),
    path("ensembles/", include("steeliq.webui.ensembles.urls")),
    path("searches/", include("steeliq.webui.searches.urls")),
    path("data/", include("steeliq.webui.data.urls")),
    path("explore/", include("steeliq.webui.explore.urls")),
    path("compare/", include("steeliq.webui.compare.urls")),
    path("storage/", include("steeliq.webui.storage.urls")),
    path("help/", include("steeliq.webui.guide.urls")),
    path("shell/", include("steeliq.webui.shell.urls")),
]
