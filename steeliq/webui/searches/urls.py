"""Addresses of the searches."""

from django.urls import path

from steeliq.webui.core.later import Later

acts = Later("steeliq.webui.runs.acts")
building = Later("steeliq.webui.searches.building")
changes = Later("steeliq.webui.searches.changes")
logs = Later("steeliq.webui.runs.logs")
views = Later("steeliq.webui.searches.views")

urlpatterns = [
    path("", views.searches, name="searches"),
    path("new/", building.build, name="searches-new"),
    path("look/", changes.look, name="searches-look"),
    path("<slug:key>/", views.search, name="search"),
    path("<slug:key>/live/", views.live, name="search-live"),
    path("<slug:key>/log/", logs.whole, {"area": "searches"}, name="search-log"),
    path("<slug:key>/trace.csv", views.trace_file, name="search-trace"),
    path("<slug:key>/scenario.toml", views.scenario_file, name="search-scenario"),
    path("<slug:key>/figure/<slug:name>.<str:kind>", views.figure, name="search-figure"),
    path("<slug:key>/run/", changes.run_trial, name="search-run"),
    path("<slug:key>/cancel/", acts.cancel, name="search-cancel"),
    path("<slug:key>/resume/", acts.resume, name="search-resume"),
    path("<slug:key>/bin/", acts.to_bin, name="search-bin"),
    path("<slug:key>/restore/", acts.restore, name="search-restore"),
    path("<slug:key>/delete/", acts.delete, name="search-delete"),
]
