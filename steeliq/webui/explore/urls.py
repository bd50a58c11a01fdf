"""Addresses of the explore pages of one run."""

from django.urls import path

from steeliq.webui.core.later import Later

views = Later("steeliq.webui.explore.views")

app_name = "explore"
urlpatterns = [
    path("<slug:key>/", views.overview, name="overview"),
    path("<slug:key>/strip/", views.strip, name="strip"),
    path("<slug:key>/figure/<slug:name>.<str:kind>", views.figure, name="figure"),
    path("<slug:key>/plants/table/", views.plants_table, name="plants-table"),
    path("<slug:key>/plants/table.csv", views.plants_csv, name="plants-csv"),
    path("<slug:key>/plants/<path:plant>/", views.plant, name="plant"),
    path("<slug:key>/<slug:slug>/", views.tab, name="tab"),
]
