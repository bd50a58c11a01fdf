"""Addresses of this area; no word after a dataset's key is the name of a table."""

from django.urls import path

from steeliq.webui.core.later import Later

changes = Later("steeliq.webui.data.changes")
tables = Later("steeliq.webui.data.tables")
views = Later("steeliq.webui.data.views")

app_name = "data"
urlpatterns = [
    path("", views.index, name="index"),
    path("upload/", changes.upload, name="upload"),
    path("<slug:key>/", views.dataset, name="dataset"),
    path("<slug:key>/checks/", views.checks, name="checks"),
    path("<slug:key>/licences/", views.licences, name="licences"),
    path("<slug:key>/map/", views.plant_map_page, name="map"),
    path("<slug:key>/map/figure.<str:kind>", views.map_figure, name="map_figure"),
    path("<slug:key>/report/", views.report, name="report"),
    path("<slug:key>/report/refused.csv", views.refused_rows, name="refused_rows"),
    path("<slug:key>/workbook.xlsx", views.workbook, name="workbook"),
    path("<slug:key>/package.zip", views.package, name="package"),
    path("<slug:key>/duplicate/", changes.duplicate, name="duplicate"),
    path("<slug:key>/delete/", changes.delete, name="delete"),
    path("<slug:key>/<slug:table>/", tables.table, name="table"),
    path("<slug:key>/<slug:table>/rows.csv", tables.rows_csv, name="rows_csv"),
    path("<slug:key>/<slug:table>/cell/", tables.cell, name="cell"),
]
