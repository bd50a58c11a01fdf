"""Only the browser that was let in, only by its address, and nothing changes but by a form of ours."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
from django.core.management import call_command
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django_tasks_db.models import DBTaskResult

from steeliq.desktop.supervisor import way_in
from steeliq.desktop.window import closing_page
from steeliq.webui.core import security
from steeliq.webui.runs.models import Run, State
from tests.web.conftest import entered
from tests.web.live import Live

OPEN_TO_ALL = {"/health/"}
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


def routes(resolver: URLResolver | None = None, prefix: str = "/") -> Iterator[str]:
    """Every address pattern of the app, such as ``/runs/<slug:key>/``."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from routes(entry, prefix + str(entry.pattern))
        elif isinstance(entry, URLPattern):
            yield prefix + str(entry.pattern)


def addresses(*values: str) -> list[str]:
    """Every address, with each of the values in the place of texts, and 2025 in that of numbers."""
    found = set()
    for route in routes():
        for value in values:
            filled = re.sub(r"<int:[^>]+>", "2025", route)
            found.add(re.sub(r"<[^>]+>", value, filled))
    return sorted(found)


ALL = addresses("abc")


def visit(client: Client, address: str, **options: str) -> tuple[int, str, dict[str, str]]:
    """Status, text and headers of a page; files behind it are closed."""
    answer: Any = client.get(address, **options)  # type: ignore[arg-type]  # of any of its types
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    answer.close()
    return answer.status_code, body.decode("utf-8", "replace"), dict(answer.headers)


def test_every_area_has_addresses() -> None:
    assert {"/", "/health/", "/runs/", "/runs/abc/delete/"} <= set(ALL)
    assert len(ALL) > 20


@pytest.mark.parametrize("address", [one for one in ALL if one not in OPEN_TO_ALL])
def test_without_the_cookie_everything_is_refused(home: Path, address: str) -> None:
    stranger = Client(HTTP_HOST="127.0.0.1")
    assert stranger.get(address).status_code == 403
    assert stranger.post(address).status_code == 403
    stranger.cookies[security.cookie_name()] = "guessed"
    assert stranger.get(address).status_code == 403


def test_nobody_gets_in_when_no_token_was_set(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STEELIQ_TOKEN")
    stranger = Client(HTTP_HOST="127.0.0.1")
    stranger.cookies[security.cookie_name()] = ""
    assert stranger.get("/runs/").status_code == 403
    assert stranger.get("/open/?ticket=").status_code == 403


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "example.org", "evil.example:80", "[::]"])
def test_another_host_name_is_refused_even_with_the_cookie(client: Client, host: str) -> None:
    answers = {visit(client, address, HTTP_HOST=host)[0] for address in [*ALL, "/static/core/app.css", "/open/"]}
    assert answers == {400}


def test_a_ticket_is_good_once(home: Path) -> None:
    ticket = security.issue_ticket()
    browser = Client(HTTP_HOST="127.0.0.1")
    assert browser.get("/open/?ticket=wrong").status_code == 403
    entered_by = browser.get(f"/open/?ticket={ticket}")
    assert entered_by.status_code == 302
    cookie = entered_by.cookies[security.cookie_name()]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/")
    assert ticket not in cookie.value
    assert browser.get("/runs/").status_code == 200
    assert Client(HTTP_HOST="127.0.0.1").get(f"/open/?ticket={ticket}").status_code == 403


def test_the_way_in_and_the_question_at_the_close_lead_back_to_the_whole_address(client: Client) -> None:
    page = "/explore/abcdefgh/?first=2030&country=DEU&owner=A%26B+%C3%BC"
    entered_by = Client(HTTP_HOST="127.0.0.1").get(way_in("", security.issue_ticket(), page))
    assert entered_by["Location"] == page
    assert f'href="{escape(page)}"' in client.get(closing_page(page)).content.decode()


@pytest.mark.parametrize("address", ALL)
def test_a_post_without_the_pages_token_is_refused(client: Client, address: str) -> None:
    careful = entered(Client(HTTP_HOST="127.0.0.1", enforce_csrf_checks=True))
    assert careful.post(address).status_code == 403


def test_a_post_from_another_site_is_refused_even_with_all_cookies_and_token(client: Client, finished_run: Run) -> None:
    careful = entered(Client(HTTP_HOST="127.0.0.1", enforce_csrf_checks=True))
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', careful.get("/runs/").content.decode())
    assert found
    token = {"csrfmiddlewaretoken": found[1]}
    address = f"/runs/{finished_run.key}/bin/"
    refused = careful.post(address, token, HTTP_ORIGIN="https://evil.example")
    assert refused.status_code == 403
    assert Run.objects.get(pk=finished_run.pk).binned is None
    assert careful.post(address, token, HTTP_ORIGIN="http://127.0.0.1").status_code == 302
    assert Run.objects.get(pk=finished_run.pk).binned is not None


def snapshot(home: Path) -> dict[str, Any]:
    """Rows of all runs and the bytes of all files of the data folder; caches are no state."""
    files = {
        str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(home.rglob("*"))
        if path.is_file() and path.relative_to(home).parts[0] != "cache" and ".sqlite3" not in path.name
    }
    tasks = list(DBTaskResult.objects.order_by("pk").values())
    return {"files": files, "rows": list(Run.objects.order_by("pk").values()), "tasks": tasks}


def test_no_get_changes_anything_and_none_is_an_error(client: Client, home: Path, finished_run: Run) -> None:
    waiting = Run.objects.create(
        key="waiting1", name="Waits", scenario="", folder=str(home / "runs" / "w"), first_year=2025, last_year=2026
    )
    stopped = Run.objects.create(
        key="stopped1", name="Stopped", scenario="", folder=str(home / "runs" / "s"), first_year=2025, last_year=2026,
        state=State.CANCELLED,
    )  # fmt: skip
    keys = (finished_run.key, waiting.key, stopped.key, "reference", "plants", "nothing")
    before = snapshot(home)
    answers = {address: visit(client, address)[0] for address in addresses(*keys)}
    assert snapshot(home) == before
    assert {address: code for address, code in answers.items() if code >= 500} == {}


UPWARDS = (
    "../../../../../../etc/passwd", "..%2f..%2f..%2f..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/kept-secret", "/etc/passwd",
    "....//....//kept-secret", "..\\..\\kept-secret", "%2fetc%2fpasswd", "../kept-secret", "%00", "a%00/../kept-secret",
)  # fmt: skip


def test_no_address_leads_out_of_its_folder(client: Client, home: Path, finished_run: Run) -> None:
    hidden = "nobody may read this"
    (home / "kept-secret").write_text(hidden)
    routes = [*addresses("KEY"), "/static/KEY", "/static/core/KEY"]
    asked = 0
    for route in routes:
        for upwards in UPWARDS:
            # One part climbs, the others name what exists, so that the climb is what is judged.
            for number in range(route.count("KEY")):
                parts = route.split("KEY")
                filled = [finished_run.key] * (len(parts) - 1)
                filled[number] = upwards
                address = "".join(a + b for a, b in zip(parts, [*filled, ""], strict=True))
                status, text, _ = visit(client, address)
                assert status < 500, address
                assert hidden not in text, address
                assert "root:" not in text, address
                asked += 1
    assert asked > 300
    (home / "kept-secret").unlink()


def test_every_page_carries_the_headers(client: Client, finished_run: Run) -> None:
    pages = 0
    for address in [*addresses(finished_run.key, "reference"), "/static/core/app.css", "/nowhere/"]:
        _, _, headers = visit(client, address)
        policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == "'self'"
        assert policy["frame-ancestors"] == "'none'"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "Access-Control-Allow-Origin" not in headers
        if not address.startswith("/static/"):
            assert headers["Cache-Control"] == "no-store", address
            pages += 1
    assert pages > 20


def test_script_in_names_notes_and_tags_is_shown_as_text(client: Client, finished_run: Run) -> None:
    about = {"name": HOSTILE, "notes": HOSTILE, "tags": HOSTILE}
    assert client.post(f"/runs/{finished_run.key}/about/", about).status_code == 302
    pages = [*addresses(finished_run.key), f"/runs/states/?key={finished_run.key}"]
    for where in ("in the list", "in the bin"):
        for address in pages:
            _, text, _ = visit(client, address)
            assert "<script>alert" not in text, (address, where)
            assert "<img src=x" not in text, (address, where)
        client.post(f"/runs/{finished_run.key}/bin/")
    assert "&lt;script&gt;" in client.get("/runs/bin/").content.decode()


def test_a_form_cannot_lead_to_another_site(client: Client, finished_run: Run) -> None:
    for target in ("https://evil.example/", "//evil.example/", "/\\evil.example/", "javascript:alert(1)"):
        answer = client.post(f"/runs/{finished_run.key}/star/", {"starred": "1", "next": target})
        assert answer.headers["Location"] == "/runs/"


def test_only_offered_scenarios_and_datasets_are_run(client: Client, home: Path) -> None:
    for sent in ({"scenario": "../../secret"}, {"scenario": "/etc/passwd"}, {"scenario": "saved/../x"},
                 {"scenario": "reference", "dataset": "../runs"}):  # fmt: skip
        assert client.post("/runs/start/", sent).headers["Location"] == "/runs/"
    assert Run.objects.count() == 0


def test_deleting_removes_only_files_below_the_runs_folder(client: Client, home: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "precious"
    elsewhere.mkdir()
    for folder in (elsewhere, home, home / "runs", home / "runs" / ".." / "datasets"):
        run = Run.objects.create(
            key="elsewhere", name="Brought in", scenario="", folder=str(folder), first_year=2025, last_year=2026,
            state=State.DONE,
        )  # fmt: skip
        (home / "datasets").mkdir(exist_ok=True)
        client.post(f"/runs/{run.key}/bin/")
        client.post(f"/runs/{run.key}/delete/")
        assert not Run.objects.filter(pk=run.pk).exists()
        assert elsewhere.is_dir()
        assert (home / "datasets").is_dir()


def test_the_settings_are_those_of_a_deployment(home: Path) -> None:
    from django.conf import settings

    assert settings.DEBUG is False
    assert settings.ALLOWED_HOSTS == ["127.0.0.1", "localhost"]
    assert settings.WHITENOISE_ALLOW_ALL_ORIGINS is False
    call_command("check", fail_level="ERROR")


def test_the_server_listens_on_this_machine_only_and_shows_no_secret(live: Live) -> None:
    secret = live.session.cookies.values()[0]
    assert secret
    server = psutil.Process(live.process.pid)
    listening = [one.laddr.ip for one in server.net_connections() if one.status == psutil.CONN_LISTEN]
    assert listening == ["127.0.0.1"]
    for process in (server, *server.children(recursive=True)):
        assert all(secret not in part for part in process.cmdline())
    assert requests.get(f"{live.address}/runs/", timeout=10).status_code == 403
    key_file = live.home / "secret-key"
    assert key_file.stat().st_mode & 0o077 == 0
