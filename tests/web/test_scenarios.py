"""The scenario pages: every setting passes from the form to the run; whatever is wrong is told and nothing is kept."""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Iterator
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Page, expect

from steeliq.paths import plain_name
from steeliq.simulation.scenario import Scenario
from steeliq.simulation.scenario.files import check, load_scenario, parse_scenario, preset_names, to_toml
from steeliq.webui.runs.models import Run
from steeliq.webui.scenarios.draft import draft_of, inputs_of, nested, read, values_of, without
from steeliq.webui.scenarios.origins import delete, save, saved_files
from steeliq.webui.scenarios.settings import FIRST, by_place, settings, window_settings
from tests.simulation.test_bad_scenarios import FILES
from tests.simulation.test_every_setting import CHANGES, LABELS, YEARS, leaves, merged
from tests.simulation.test_every_setting import nested as one_setting
from tests.web.live import Live, Watched

LONG = 'name = "mine"\n\n[carbon.paths]\nEU27 = { 2025 = 80.0, 2050 = 200.0 }\n\n[technologies.BF]\nallowed = false\n'


class Form(HTMLParser):
    """The editor's form as a browser would send it, and what each input offers."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.sent: dict[str, list[str]] = {}
        self.offers: dict[str, list[str]] = {}
        self.unlabelled: list[str] = []
        self.labels: set[str] = set()
        self._select = self._area = ""
        self._inside = False
        self.feed(text)
        self.unlabelled = [name for name in self.unlabelled if name not in self.labels]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {key: value or "" for key, value in attrs}
        if tag == "form":
            self._inside = found.get("id") == "editor"
        if tag == "label":
            self.labels.add(found.get("for", ""))
        if not self._inside:
            return
        name = found.get("name", "")
        if tag == "option" and self._select:
            self.offers.setdefault(self._select, []).append(found["value"])
            if "selected" in found or self._select not in self.sent:
                self.sent[self._select] = [found["value"]]
        if tag in ("input", "select", "textarea") and found.get("type") != "hidden" and "aria-label" not in found:
            self.unlabelled.append(found.get("id", name))
        if tag == "input" and not (found.get("type") == "checkbox" and "checked" not in found):
            self.sent.setdefault(name, []).append(found.get("value", ""))
        if tag == "select":
            self._select = name
        if tag == "textarea":
            self._area = name
            self.sent[name] = [""]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        self._select = "" if tag == "select" else self._select
        self._area = "" if tag == "textarea" else self._area

    def handle_data(self, data: str) -> None:
        if self._area:
            self.sent[self._area] = [data.removeprefix("\n")]


@pytest.fixture
def kept(home: Path) -> Iterator[Path]:
    """The folder of saved scenarios, empty before and after."""
    folder = home / "scenarios"
    shutil.rmtree(folder, ignore_errors=True)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def note(page: str, place: str) -> str:
    """What stands beside a field."""
    found = re.search(rf'id="note-{re.escape(place)}"[^>]*>(.*?)</div>', page, re.DOTALL)
    assert found, f"the page has no note for {place}"
    return found[1]


def editor(client: Client, query: str = "base=reference") -> Form:
    answer = client.get(f"/scenarios/new/?{query}")
    assert answer.status_code == 200
    return Form(answer.text)


def test_the_form_shows_every_setting_of_the_model() -> None:
    assert {setting.place for setting in settings()} == set(leaves(Scenario))
    names = [setting.label for setting in settings()]
    assert len(names) == len(set(names)), "two settings have the same label"
    counts = {setting.place: setting.unit for setting in settings() if setting.kind == "whole"}
    assert counts["siting.projects"] == counts["siting.per_country"] == "", "a count is no share"
    assert counts["finance.life"] == "years"


def test_a_problem_is_told_by_the_label_of_its_field_and_names_link_to_their_values(client: Client) -> None:
    page = client.get("/scenarios/new/?base=reference").content.decode()
    assert 'href="/data/reference/carbon_prices/"' in page
    answer = client.post("/scenarios/new/?base=reference", {"action": "check", "seed": "1.5"})
    assert "Seed: found &#x27;1.5&#x27;" in answer.content.decode()


@pytest.mark.parametrize("place", [*CHANGES, *sorted(LABELS)])
def test_a_setting_passes_from_the_form_to_the_run(client: Client, kept: Path, place: str) -> None:
    # The very scenarios that test_every_setting.py simulates, to see that each moves a result.
    world, value = CHANGES.get(place, ({}, "Another text,\nin two lines" if place == "description" else "another"))
    world = merged({"period": YEARS}, world)
    key = save(Scenario(**({"name": "world"} | world)))
    form, setting = editor(client, f"edit={key}"), by_place()[place]
    inputs = inputs_of(setting, value)
    if setting.kind == "paths":
        added = client.post(
            "/scenarios/new/?edit=world", form.sent | {"action": f"add:{place}", f"{place}.new": [*value]}
        )
        assert set(inputs) <= set(Form(added.text).sent)
    else:
        assert set(inputs) <= set(form.sent), "an input is missing in the page"
    if setting.kind in ("choice", "named"):
        assert value in form.offers[place]
    posted = form.sent | inputs if setting.kind == "windows" else without(form.sent, place) | inputs
    answer = client.post(f"/scenarios/new/?edit={key}", posted | {"action": ["run"]})
    assert answer.status_code == 302, note(answer.text, place)
    expected = Scenario(**merged({"name": "world"} | world, one_setting(place, value)))
    run = Run.objects.get()
    assert answer["Location"] == f"/runs/{run.key}/"
    assert parse_scenario(run.scenario) == expected
    client.post(f"/scenarios/new/?edit={key}", posted | {"action": ["save"]})
    assert load_scenario(saved_files()[plain_name(expected.name)]) == expected


@pytest.mark.parametrize("preset", preset_names())
def test_an_untouched_form_changes_nothing(client: Client, kept: Path, preset: str) -> None:
    form = editor(client, f"base={preset}")
    assert form.unlabelled == []
    answer = client.post(f"/scenarios/new/?base={preset}", form.sent | {"action": ["download"]})
    got = parse_scenario(answer.text)
    assert got.name == f"{preset}, changed"
    same = {"name": preset, "description": ""}
    assert got.model_copy(update=same) == load_scenario(preset).model_copy(update=same)


@given(st.sets(st.sampled_from(sorted(CHANGES))), st.text(max_size=30), st.floats(0, 1e6))
def test_any_scenario_survives_the_way_through_the_inputs(places: set[str], told: str, factor: float) -> None:
    settings: dict[str, Any] = {"description": told.replace("\r", ""), "demand": {"factor": {2030: factor, 2041: 0.3}}}
    for place in sorted(places):
        settings = merged(settings, one_setting(place, CHANGES[place][1]))
    scenario = Scenario(**settings)
    values, problems = read(draft_of(values_of(scenario)))
    assert problems == []
    assert check(nested(values), "test") == scenario
    assert parse_scenario(to_toml(scenario)) == scenario


# inputs, where it is told, what is said
WRONG: tuple[tuple[dict[str, list[str]], str, str], ...] = (
    ({"finance.life": ["99"]}, "finance.life", "from 5 to 40 years"),
    ({"finance.life": ["20.5"]}, "finance.life", "whole number"),
    ({"finance.life": [""]}, "finance.life", "whole number"),
    ({"finance.equity_share": ["0"]}, "finance.equity_share", "above 0 and at most 1"),
    ({"finance.equity_share": ["0,3"]}, "finance.equity_share", "0,3"),
    ({"seed": ["9" * 400]}, "seed", "from 0 to"),
    ({"seed": ["1e999"]}, "seed", "from 0 to"),
    ({"trade.bans": ["maybe"]}, "trade.bans", "true or false"),
    ({"prices.rule": ["free"]}, "prices.rule", "one of nodal or merit_order"),
    ({"carbon.scenario": ["uniform_99"]}, "carbon.scenario", "the dataset has no such name"),
    ({"period.start": ["2050"], "period.end": ["2030"]}, "period", "lies before the first year"),
    ({"name": [""]}, "name", "not empty"),
    ({"name": ["reference"]}, "name", "name of a preset"),
    ({"demand.factor.value": ["x"]}, "demand.factor", "found &#x27;x&#x27;"),
    ({"demand.factor.value": ["nan"]}, "demand.factor", "number"),
    ({"demand.factor.value": ["-1"]}, "demand.factor", "must not be negative"),
    ({"demand.factor.year": [""], "demand.factor.value": [""]}, "demand.factor", "at least one year"),
    ({"demand.factor.year": ["2030", "2030"], "demand.factor.value": ["1", "2"]}, "demand.factor", "twice"),
    ({"demand.factor.year": ["2030", ""], "demand.factor.value": ["1", "2"]}, "demand.factor", "year of this value"),
    ({"demand.factor.year": ["soon", "2030"], "demand.factor.value": ["1", "2"]}, "demand.factor", "years"),
    ({"demand.factor.year": ["1850", "2030"], "demand.factor.value": ["1", "2"]}, "demand.factor", "2000 and 2100"),
    ({"carbon.paths.0.key": ["ATLANTIS"], "carbon.paths.0.value": ["9"]}, "carbon.paths", "ATLANTIS"),
    ({"carbon.paths.0.key": ["EU27"]}, "carbon.paths", "at least one year"),
    (
        {"carbon.paths.0.key": ["EU27"], "carbon.paths.0.value": ["9"], "carbon.paths.1.key": ["EU27"]},
        "carbon.paths",
        "twice",
    ),
    ({"technologies.BF.available_from": ["1"]}, "technologies.BF", "1900"),
    ({"technologies.BF.capex_factor.value": ["x"]}, "technologies.BF", "number"),
    ({"technologies.GHOST.allowed": ["false"]}, "technologies.GHOST", "the dataset has no such name"),
)


@pytest.mark.parametrize(("inputs", "place", "says"), WRONG, ids=[f"{p} {s}"[:40] for _, p, s in WRONG])
def test_what_is_wrong_is_told_beside_the_field_and_what_was_typed_is_kept(
    client: Client, kept: Path, inputs: dict[str, list[str]], place: str, says: str
) -> None:
    sent = editor(client).sent | inputs
    answer = client.post("/scenarios/new/?base=reference", sent | {"action": ["save"]})
    assert answer.status_code == 422
    assert says in note(answer.text, place)
    again = Form(answer.text).sent
    for name, texts in inputs.items():
        if name == "trade.bans":
            continue  # a tick box cannot show what it never offered
        assert [text for text in again.get(name, [""]) if text] == [text for text in texts if text]
    assert saved_files() == {}
    if says == "name of a preset":
        return  # may be run or downloaded, only not kept under this name
    for action in ("run", "download"):
        assert client.post("/scenarios/new/?base=reference", sent | {"action": [action]}).status_code == 422
    assert not Run.objects.exists()


ODD = (
    "",
    " ",
    "nan",
    "-1",
    "1e400",
    "9" * 50,
    "\0",
    "ü",
    "2030",
    "2030.5",
    "true",
    "{}",
    "WORLD",
    "[key]",
    "float",
    "<b>",
    "٣",
)
NAMES = (
    "technologies", "technologies..allowed", "technologies.BF", "technologies.a.b.capex_factor.year", "carbon.paths",
    "carbon.paths.99999.key", "carbon.paths.0.key", "carbon.paths.x.key", "carbon.paths.new", "prices.factors.3.key",
    "prices.factors.3.value", "demand", "demand.factor", "period", "", "against", "dataset", "action",
)  # fmt: skip
ACTIONS = (
    "check",
    "save",
    "replace",
    "download",
    "reset:",
    "reset:period",
    "reset:technologies.X",
    "add:carbon.paths",
    "x:",
)


def test_no_form_however_odd_breaks_the_page(client: Client, kept: Path) -> None:
    draws, whole = random.Random(11), editor(client, "base=net-zero-2050").sent
    seen = set()
    for _ in range(80):
        sent = {name: texts for name, texts in whole.items() if draws.random() > 0.02}
        for _ in range(draws.randint(1, 5)):
            name = draws.choice([*NAMES, *whole])
            sent[name] = draws.choices(ODD, k=draws.randint(1, 3))
        sent["action"] = [draws.choice(ACTIONS)]
        headers = {"HX-Request": "true"} if draws.random() < 0.5 else {}
        answer = client.post("/scenarios/new/?base=net-zero-2050", sent, headers=headers)
        seen.add(answer.status_code)
        assert answer.status_code in (200, 302, 422), sent
        assert sent["action"] != ["x:"] or answer.status_code == 200
    assert {200, 422} <= seen


def test_what_most_questions_turn_is_led_to_first(client: Client, kept: Path) -> None:
    page = client.get("/scenarios/new/?base=reference").text
    [first] = re.findall(r'<nav class="first".*?</nav>', page)
    assert page.index(first) < page.index('id="field-')
    links = re.findall(r'href="#([^"]+)"', first)
    assert links == [f"field-{place}" for place in FIRST]
    assert all(f'id="{name}"' in page for name in links)


def test_a_change_is_answered_with_marks_and_differences_only(client: Client, kept: Path) -> None:
    sent = editor(client).sent | {"finance.life": ["25"], "action": ["check"]}
    answer = client.post("/scenarios/new/?base=reference", sent, headers={"HX-Request": "true"})
    assert "<html" not in answer.text
    assert "Changed" in note(answer.text, "finance.life")
    assert "was 20" in note(answer.text, "finance.life")
    assert "1 difference from reference" in answer.text
    assert answer.text.count("hx-swap-oob=") > len(settings())


def test_reset_puts_back_a_setting_a_technology_or_a_section(client: Client, kept: Path) -> None:
    page = "/scenarios/new/?base=net-zero-2050"
    before = editor(client, "base=net-zero-2050").sent
    changes = {
        "trade.tariffs": ["3"],
        "trade.bans": ["false"],
        "technologies.BF.allowed": ["false"],
        "technologies.BF_CCS.capex_factor.value": ["1", "0.1"],
    }
    for place, back in (
        ("trade.tariffs", ["trade.tariffs"]),
        ("trade", ["trade.tariffs", "trade.bans"]),
        ("technologies.BF", ["technologies.BF.allowed"]),
        ("technologies", ["technologies.BF.allowed", "technologies.BF_CCS.capex_factor.value"]),
    ):
        after = Form(client.post(page, before | changes | {"action": [f"reset:{place}"]}).text).sent
        for name, texts in changes.items():
            expected = before[name] if name in back else texts
            assert after[name][-1] == expected[-1], f"reset of {place}: {name}"


def test_a_carbon_price_begins_as_it_is_in_the_dataset(client: Client, kept: Path) -> None:
    sent = editor(client).sent | {"carbon.paths.new": ["WORLD"], "carbon.scenario": ["uniform_100"]}
    added = Form(client.post("/scenarios/new/", sent | {"action": ["add:carbon.paths"]}).text).sent
    assert added["carbon.paths.0.key"] == ["WORLD"]
    assert set(added["carbon.paths.0.value"]) >= {"100"}
    twice = Form(client.post("/scenarios/new/", added | sent | {"action": ["add:carbon.paths"]}).text).sent
    assert "carbon.paths.1.key" not in twice


def test_a_saved_scenario_is_replaced_only_on_request(client: Client, kept: Path) -> None:
    sent = editor(client).sent | {"name": ["Mine"], "action": ["save"]}
    assert client.post("/scenarios/new/", sent)["Location"].startswith("/scenarios/new/?edit=mine")
    second = sent | {"finance.life": ["30"]}
    refused = client.post("/scenarios/new/", second)
    assert refused.status_code == 422
    assert "replace it" in note(refused.text, "name")
    assert 'value="replace"' in refused.text
    assert load_scenario(saved_files()["mine"]).finance.life == 20
    assert client.post("/scenarios/new/", second | {"action": ["replace"]}).status_code == 302
    assert client.post("/scenarios/new/?edit=mine", second | {"finance.life": ["31"]}).status_code == 302
    assert load_scenario(saved_files()["mine"]).finance.life == 31
    assert client.post("/scenarios/new/?edit=mine", second | {"name": ["Other"]}).status_code == 302
    assert sorted(saved_files()) == ["mine", "other"]


def test_a_run_is_copied_with_its_settings_and_its_dataset(client: Client, kept: Path, tiny: Path, home: Path) -> None:
    shutil.copytree(tiny, home / "datasets" / "tiny", dirs_exist_ok=True)
    sent = editor(client).sent | {"finance.life": ["30"], "dataset": ["tiny"], "action": ["run"]}
    client.post("/scenarios/new/", sent)
    first = Run.objects.get()
    assert first.dataset == str(home / "datasets" / "tiny")
    form = editor(client, f"from_run={first.key}")
    assert form.sent["finance.life"] == ["30"]
    assert form.sent["dataset"] == ["tiny"]
    client.post(f"/scenarios/new/?from_run={first.key}", form.sent | {"action": ["run"]})
    assert Run.objects.exclude(key=first.key).get().parent == first
    page = client.get(f"/scenarios/diff/?a=preset:reference&b=run:{first.key}").text
    assert "1 difference<" in page
    assert "Economic life" in page
    shutil.rmtree(home / "datasets" / "tiny")
    gone = client.post("/scenarios/new/", sent)
    assert gone.status_code == 422
    assert "there is no such dataset" in gone.text


def test_what_was_typed_outlives_the_scenario_it_came_from(client: Client, kept: Path) -> None:
    upload(client, LONG.encode())
    sent = editor(client, "edit=mine").sent | {"finance.life": ["33"], "against": ["saved:mine"]}
    client.post("/scenarios/delete/", {"name": "mine"})
    assert client.get("/scenarios/new/?edit=mine").status_code == 404
    assert client.post("/scenarios/new/?edit=mine", sent | {"action": ["save"]}).status_code == 302
    assert load_scenario(saved_files()["mine"]).finance.life == 33


def test_a_scenario_for_a_dataset_of_ones_own_is_taken(client: Client, kept: Path, tiny: Path, home: Path) -> None:
    content = b'name = "own"\n[carbon]\nscenario = "own_path"\n'
    assert upload(client, content).status_code == 422
    folder = shutil.copytree(tiny, home / "datasets" / "own")
    prices = folder / "carbon_prices.csv"
    prices.write_text(prices.read_text("utf-8").replace("uniform_100", "own_path"), "utf-8")
    taken = upload(client, content)
    refused = client.post("/scenarios/run/", {"of": "saved:own"})
    form = editor(client, "edit=own")
    run = client.post("/scenarios/new/?edit=own", form.sent | {"dataset": ["own"], "action": ["run"]})
    shutil.rmtree(folder)
    assert (taken.status_code, refused.status_code, run.status_code) == (302, 422, 302)
    assert "the dataset has no such name" in refused.text


def test_a_broken_dataset_is_a_problem_of_the_form(client: Client, kept: Path, tiny: Path, home: Path) -> None:
    folder = shutil.copytree(tiny, home / "datasets" / "broken")
    (folder / "countries.csv").write_text("nothing\n", "utf-8")
    answer = client.post("/scenarios/new/", editor(client).sent | {"dataset": ["broken"], "action": ["run"]})
    shutil.rmtree(folder)
    assert answer.status_code == 422
    assert "this dataset has" in answer.text
    assert not Run.objects.exists()


def test_two_scenarios_are_compared_setting_by_setting(client: Client, kept: Path) -> None:
    page = client.get("/scenarios/diff/?a=reference&b=no-trade-frictions").text
    assert "5 differences" in page
    assert "Identical settings" in client.get("/scenarios/diff/?a=reference&b=preset:reference").text


def upload(client: Client, content: bytes, name: str = "mine.toml") -> Any:
    return client.post("/scenarios/upload/", {"file": SimpleUploadedFile(name, content)})


DEEP = {
    "brackets without end": b"x = " + b"[" * 20_000,
    "a number without end": b"seed = " + b"9" * 5_000,
    "a hexadecimal number without end": b"seed = 0x" + b"f" * 100_000,
    "a float out of reach": b"[demand]\nfactor = 1" + b"0" * 400,
    "not UTF-8": b'name = "\xff\xfe"',
    "zero bytes": b"\0" * 50,
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "too large": b"# " + b"x" * 1_100_000,
    "groups without end": b"a." * 3_000 + b"b = 1",
    "a date": b"[demand]\nfactor = 2025-01-01",
    "a list": b"[carbon.paths]\nWORLD = [1, 2]",
    "years for areas": b"[carbon.paths]\n2030 = 5.0",
    "ten thousand unknown settings": b"\n".join(b"x%d = 1" % number for number in range(10_000)),
}
BAD = {name: text.encode() for name, (text, _, _) in FILES.items()} | DEEP


@pytest.mark.parametrize("name", BAD)
def test_a_bad_upload_gives_the_problems_and_keeps_nothing(client: Client, kept: Path, name: str) -> None:
    answer = upload(client, BAD[name])
    assert answer.status_code == 422
    assert "<li>" in answer.text.partition("<main")[2]
    assert "Nothing was stored" in answer.text
    assert not kept.exists()


def test_mutated_uploads_are_kept_only_if_they_are_scenarios(client: Client, kept: Path) -> None:
    draws = random.Random(7)
    refused = 0
    for _ in range(120):
        content = bytearray(LONG.encode())
        for _ in range(draws.randint(1, 6)):
            spot = draws.randrange(len(content))
            content[spot : spot + draws.randint(0, 3)] = bytes(draws.choices(range(256), k=draws.randint(0, 3)))
        answer = upload(client, bytes(content))
        assert answer.status_code in (302, 422), bytes(content)
        refused += answer.status_code == 422
        assert len(saved_files()) == (answer.status_code == 302)
        for key, path in saved_files().items():
            load_scenario(path)
            delete(key)
    assert refused >= 20


def test_a_good_upload_replaces_nothing(client: Client, kept: Path) -> None:
    for number in range(3):
        assert upload(client, LONG.encode()).status_code == 302, number
    assert upload(client, b'base = "net-zero-2050"\nname = "reference"\n').status_code == 302
    assert sorted(saved_files()) == ["mine", "mine-uploaded", "mine-uploaded-2", "reference-uploaded"]
    assert client.get("/scenarios/").text.count("<article") == len(preset_names()) + 4
    assert client.post("/scenarios/upload/").status_code == 422


def test_files_put_into_the_folder_by_hand_are_told_apart(client: Client, kept: Path) -> None:
    kept.mkdir(parents=True)
    (kept / "worn out.toml").write_bytes(b'name = "x')
    (kept / "deep.toml").write_bytes(BAD["brackets without end"])
    page = client.get("/scenarios/")
    assert page.status_code == 200
    assert page.text.count("This file cannot be used") == 2
    assert client.get("/scenarios/new/?edit=worn%20out").status_code == 404
    assert client.get("/scenarios/diff/?a=saved:deep").status_code == 404


def test_names_and_texts_are_never_markup(client: Client, kept: Path) -> None:
    evil = '"><script>alert(1)</script>'
    sent = editor(client).sent | {"name": [evil], "description": [f"</textarea>{evil}"], "action": ["save"]}
    place = client.post("/scenarios/new/", sent)["Location"]
    for address in (
        "/scenarios/",
        place,
        "/scenarios/diff/?b=saved:script-alert-1-script",
        f"/scenarios/new/?base={evil}",
    ):
        assert "<script>alert" not in client.get(address).text
    assert escape(evil) in client.get("/scenarios/").text
    typed = sent | {"technologies.<script>alert(1).allowed": ["false"], "carbon.paths.0.key": [evil]}
    assert "<script>alert" not in client.post("/scenarios/new/", typed).text


@pytest.mark.parametrize("key", ["../../steeliq", "..", "/etc/passwd", "", "nothing"])
def test_nothing_outside_the_folder_is_opened_or_deleted(client: Client, kept: Path, home: Path, key: str) -> None:
    (home / "steeliq.toml").write_text(LONG, "utf-8")
    client.post("/scenarios/delete/", {"name": key})
    for address in (
        "new/?edit=x&base=",
        "download/?of=saved:",
        "diff/?a=saved:",
        "new/?from_run=x",
        "new/?base=saved:",
    ):
        assert client.get(f"/scenarios/{address}{key}").status_code == 404
    assert (home / "steeliq.toml").exists()
    assert client.post("/scenarios/run/", {"of": f"saved:{key}"}).status_code == 422
    assert not Run.objects.exists()


def test_saved_scenarios_are_run_downloaded_and_deleted(client: Client, kept: Path) -> None:
    upload(client, LONG.encode())
    text = client.get("/scenarios/download/?of=saved:mine").text
    assert parse_scenario(text) == parse_scenario(LONG)
    client.post("/scenarios/run/", {"of": "saved:mine"})
    assert parse_scenario(Run.objects.get().scenario) == parse_scenario(LONG)
    client.post("/scenarios/delete/", {"name": "mine"})
    assert saved_files() == {}


# What was typed and not saved.


@pytest.fixture
def typed(kept: Path) -> Iterator[Path]:
    """The folder of forms that were not saved, empty before and after."""
    folder = kept.parent / "unsaved"
    shutil.rmtree(folder, ignore_errors=True)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def offer(page: str) -> str:
    """The address by which unsaved changes are taken up; empty if none are offered."""
    found = re.search(r'href="([^"]+unsaved=[^"]+)">Take them up', page)
    return found[1].replace("&amp;", "&") if found else ""


NEW = "/scenarios/new/?base=preset%3Areference"


@pytest.mark.parametrize("action", ["keep", "check", "save", "run", "download"])
@pytest.mark.parametrize("life", ["31", "abc"])
def test_what_was_typed_is_offered_by_the_next_page_unless_it_was_saved_or_run(
    client: Client, typed: Path, action: str, life: str
) -> None:
    form = editor(client)
    client.post(NEW, form.sent | {"finance.life": [life], "demand.factor.year": ["", "x"], "action": ["check"]})
    answer = client.post(NEW, form.sent | {"finance.life": [life], "name": ["mine"], "action": [action]})
    page = client.get(NEW).text
    if life == "31" and action in {"save", "run"}:
        assert answer.status_code == 302
        assert offer(page) == ""
        assert list(typed.iterdir()) == []
        return
    assert "You have unsaved changes from" in page
    assert Form(page).sent["finance.life"] == ["20"]
    taken = client.get(offer(page)).text
    assert "These are your unsaved changes" in taken
    sent = Form(taken).sent
    assert sent["finance.life"] == [life]
    assert sent["sitting"] == form.sent["sitting"], "it goes on in the same file"


def test_a_form_that_says_what_its_scenario_says_is_not_kept(client: Client, typed: Path) -> None:
    form = editor(client)
    client.post(NEW, form.sent | {"finance.life": ["31"], "action": ["keep"]})
    assert len(list(typed.iterdir())) == 1
    client.post(NEW, form.sent | {"action": ["keep"]})
    assert list(typed.iterdir()) == []
    client.post(NEW, form.sent | {"sitting": ["../../elsewhere"], "finance.life": ["31"], "action": ["keep"]})
    assert list(typed.iterdir()) == []


def test_two_pages_of_one_scenario_keep_both_forms_and_throwing_away_takes_all(client: Client, typed: Path) -> None:
    for life in ("31", "32"):
        client.post(NEW, editor(client).sent | {"finance.life": [life], "action": ["keep"]})
    assert len(list(typed.iterdir())) == 2
    assert Form(client.get(offer(client.get(NEW).text)).text).sent["finance.life"] == ["32"]
    other = client.get("/scenarios/new/?base=preset:net-zero-2050").text
    assert offer(other) == "", "another scenario has changes of its own"
    assert client.post(NEW, {"action": "discard"})["Location"] == NEW
    assert offer(client.get(NEW).text) == ""


def test_a_damaged_form_is_passed_over_and_old_ones_go(client: Client, typed: Path) -> None:
    client.post(NEW, editor(client).sent | {"finance.life": ["31"], "action": ["keep"]})
    [file] = typed.iterdir()
    for text in ("", "[]", '{"draft": 1}', '{"kept": "never", "draft": {}}'):
        file.write_text(text)
        assert offer(client.get(NEW).text) == ""
    for number in range(60):
        (typed / f"{number}.json").touch()
    client.post(NEW, editor(client).sent | {"finance.life": ["31"], "action": ["keep"]})
    assert len(list(typed.iterdir())) == 50
    assert offer(client.get(NEW).text)


# In a browser: a real server and worker.


def open_editor(page: Page, query: str = "base=reference") -> None:
    page.goto(f"/scenarios/new/?{query}")
    expect(page.locator("#status")).to_contain_text("0 differences")


def test_a_carbon_price_is_drawn_while_it_is_typed(watched: Watched) -> None:
    page = watched.page
    open_editor(page)
    page.locator('[name="carbon.paths.new"]').select_option("EU27")
    page.get_by_role("button", name="Add to Carbon prices by area").click()
    entry = page.get_by_role("group", name="Carbon prices by area: EU27")
    line = entry.locator("polyline.own")
    expect(line).to_have_count(1)
    expect(page.locator("#status")).to_contain_text("1 difference from reference")
    before = line.get_attribute("points")
    entry.get_by_label("value").last.fill("321")
    assert line.get_attribute("points") != before
    entry.get_by_label("value").last.press("Tab")
    expect(page.locator("#side")).to_contain_text("321 in")
    lines = entry.get_by_role("listitem").count()
    entry.get_by_role("button", name="Add a year").click()
    expect(entry.get_by_role("listitem")).to_have_count(lines + 1)
    entry.get_by_role("button", name="Remove this year").last.click()
    expect(entry.get_by_role("listitem")).to_have_count(lines)
    page.get_by_role("button", name="Reset carbon.paths").click()
    expect(entry).to_have_count(0)
    expect(page.locator("#status")).to_contain_text("0 differences from reference")


def test_a_wrong_value_is_told_at_once_and_put_right_by_reset(watched: Watched) -> None:
    page = watched.page
    open_editor(page)
    life = page.get_by_label("Economic life")
    life.fill("99")
    life.press("Tab")
    expect(page.locator("[id='note-finance.life'] .error")).to_contain_text("from 5 to 40 years")
    expect(life).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#contents")).to_contain_text("1 problem")
    page.get_by_role("button", name="Reset finance.life").click()
    expect(page.get_by_label("Economic life")).to_have_value("20")
    expect(page.get_by_label("Economic life")).to_be_focused()
    expect(page.locator("#side .error")).to_have_count(0)


def test_a_path_over_years_is_made_and_unmade_by_keyboard(watched: Watched) -> None:
    page = watched.page
    open_editor(page)
    path = page.get_by_role("group", name="Demand factor")
    path.get_by_role("button", name="Add a year").press("Enter")
    page.keyboard.type("1.4")
    page.keyboard.press("Tab")
    expect(page.locator("#side")).to_contain_text("1 in 2025, 1.4 in 2050")
    path.get_by_role("button", name="Remove this year").last.press("Enter")
    expect(page.locator("#status")).to_contain_text("0 differences")


def test_another_scenario_to_compare_with_moves_all_marks(watched: Watched) -> None:
    page = watched.page
    open_editor(page)
    page.get_by_label("Compare with").select_option("preset:no-trade-frictions")
    expect(page.locator("#status")).to_contain_text("5 differences from no-trade-frictions")
    page.get_by_role("button", name="Reset all of Trade policy").click()
    expect(page.locator("#status")).to_contain_text("1 difference from no-trade-frictions")
    expect(page.get_by_label("Quotas")).not_to_be_checked()


def test_an_edited_scenario_runs_with_its_changes(watched: Watched, live: Live) -> None:
    page = watched.page
    open_editor(page)
    page.get_by_label("Last year", exact=True).fill("2026")
    page.get_by_label("Carbon price scenario").select_option("uniform_100")
    page.get_by_label("Dataset", exact=True).select_option("tiny")
    page.get_by_role("button", name="Run now").click()
    page.wait_for_url("**/runs/*/")
    key = page.url.rstrip("/").rpartition("/")[2]
    assert live.ends(key) == "done"
    [folder] = (live.home / "runs").glob(f"*{key}")
    scenario = load_scenario(folder / "scenario.toml")
    assert (scenario.carbon.scenario, scenario.period.end) == ("uniform_100", 2026)


def test_window_settings_are_those_of_the_table() -> None:
    assert [part.place for part in window_settings()] == ["allowed", "available_from", "available_to", "capex_factor"]
