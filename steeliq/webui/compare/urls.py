"""Addresses of this area."""

from django.urls import path

from steeliq.webui.core.later import Later

views = Later("steeliq.webui.compare.views")

urlpatterns = [
    path("", views.compare, name="compare"),
    path("deltas.csv", views.deltas_csv, name="compare-csv"),
    path("deltas.xlsx", views.deltas_xlsx, name="compare-xlsx"),
    path("assumptions.csv", views.assumptions_csv, name="compare-assumptions"),
    path("figure/<slug:name>.<str:kind>", views.figure, name="compare-figure"),
    path("report.html", views.report, name="compare-report"),
    path("export/<slug:key>/", views.export, name="export"),
    path("export/<slug:key>/<slug:slug>/", views.export_file, name="export-file"),
    path("import/", views.bring_in, name="import"),
]
