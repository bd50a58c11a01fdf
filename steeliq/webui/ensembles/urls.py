"""Addresses of the ensembles."""

from django.urls import path

from steeliq.webui.core.later import Later

acts = Later("steeliq.webui.runs.acts")
building = Later("steeliq.webui.ensembles.building")
changes = Later("steeliq.webui.ensembles.changes")
logs = Later("steeliq.webui.runs.logs")
views = Later("steeliq.webui.ensembles.views")

urlpatterns = [
    path("", views.ensembles, name="ensembles"),
    path("new/", building.build, name="ensembles-new"),
    path("new/design.toml", building.download, name="ensembles-design"),
    path("look/", changes.look, name="ensembles-look"),
    path("compare/", views.compare, name="ensembles-compare"),
    path("compare/figure/<slug:name>.<str:kind>", views.compare_figure, name="ensembles-compare-figure"),
    path("<slug:key>/", views.ensemble, name="ensemble"),
    path("<slug:key>/live/", views.live, name="ensemble-live"),
    path("<slug:key>/log/", logs.whole, {"area": "ensembles"}, name="ensemble-log"),
    path("<slug:key>/design.toml", views.design, name="ensemble-design"),
    path("<slug:key>/figures/", views.figures, name="ensemble-figures"),
    path("<slug:key>/figure/<slug:name>.<str:kind>", views.figure, name="ensemble-figure"),
    path("<slug:key>/members/", views.members, name="ensemble-members"),
    path("<slug:key>/members/<int:member>/", views.member, name="ensemble-member"),
    path("<slug:key>/members/<int:member>/run/", changes.run_member, name="ensemble-member-run"),
    path("<slug:key>/export/<slug:kind>/", views.export, name="ensemble-export"),
    path("<slug:key>/cancel/", acts.cancel, name="ensemble-cancel"),
    path("<slug:key>/resume/", acts.resume, name="ensemble-resume"),
    path("<slug:key>/bin/", acts.to_bin, name="ensemble-bin"),
    path("<slug:key>/restore/", acts.restore, name="ensemble-restore"),
    path("<slug:key>/delete/", acts.delete, name="ensemble-delete"),
]
