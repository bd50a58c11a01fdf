"""Addresses of this area."""

from django.urls import path

from steeliq.webui.core.later import Later

views = Later("steeliq.webui.guide.views")

app_name = "guide"
urlpatterns = [
    path("", views.index, name="index"),
    path("search/", views.search, name="search"),
    path("glossary/", views.glossary_page, name="glossary"),
    path("about/", views.about, name="about"),
    path("about/licence/<str:package>/", views.licence, name="licence"),
    path("<path:page>/", views.page, name="page"),
]
