"""Addresses of the runs."""

from django.urls import path

from steeliq.webui.core.later import Later

changes = Later("steeliq.webui.runs.changes")
logs = Later("steeliq.webui.runs.logs")
views = Later("steeliq.webui.runs.views")

urlpatterns = [
    path("", views.runs, name="runs"),
    path("start/", changes.start, name="runs-start"),
    path("states/", views.states, name="runs-states"),
    path("bin/", views.binned, name="runs-bin"),
    path("bin/empty/", changes.empty_bin, name="runs-bin-empty"),
    path("bin-selected/", changes.bin_selected, name="runs-bin-selected"),
    path("<slug:key>/", views.run, name="run"),
    path("<slug:key>/live/", views.live, name="run-live"),
    path("<slug:key>/log/", logs.whole, {"area": "runs"}, name="run-log"),
    path("<slug:key>/scenario.toml", views.scenario, name="run-scenario"),
    path("<slug:key>/cancel/", changes.cancel, name="run-cancel"),
    path("<slug:key>/resume/", changes.resume, name="run-resume"),
    path("<slug:key>/rerun/", changes.rerun, name="run-rerun"),
    path("<slug:key>/verify/", changes.verify, name="run-verify"),
    path("<slug:key>/verify/cancel/", changes.cancel_verification, name="run-verify-cancel"),
    path("<slug:key>/verification/", views.verification, name="run-verification"),
    path("<slug:key>/certificate.html", views.certificate_page, name="run-certificate"),
    path("<slug:key>/certificate.json", views.certificate_file, name="run-certificate-file"),
    path("<slug:key>/star/", changes.star, name="run-star"),
    path("<slug:key>/about/", changes.about, name="run-about"),
    path("<slug:key>/bin/", changes.to_bin, name="run-bin"),
    path("<slug:key>/restore/", changes.restore, name="run-restore"),
    path("<slug:key>/delete/", changes.delete, name="run-delete"),
]
