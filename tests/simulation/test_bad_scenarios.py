"""Wrong scenarios: each gets one clear error, exit code 2, and leaves nothing behind."""

from pathlib import Path

import pytest

from steeliq.cli import main
from steeliq.errors import ScenarioError
from steeliq.simulation.scenario.files import load_scenario
from tests.worlds import write_tiny

# name: (the file's text, the place named, what the message must say)
FILES = {
    "unknown group": ('[carbn]\nscenario = "none"', "carbn", "did you mean carbon?"),
    "unknown setting": ("[carbon]\nfree_alocation = 0.5", "carbon.free_alocation", "did you mean free_allocation?"),
    "setting outside its group": ("free_allocation = 0.5", "free_allocation", "did you mean carbon.free_allocation?"),
    "unlike anything": ("[trade]\nxyz = 1", "trade.xyz", "known here: tariffs"),
    "above the range": ("[carbon]\nfree_allocation = 2.0", "carbon.free_allocation", "a number from 0 to 1"),
    "below the range": ("[finance]\nequity_share = 0", "finance.equity_share", "above 0 and at most 1"),
    "text for a number": ('[finance]\nlife = "20"', "finance.life", "a whole number from 5 to 40 years"),
    "fraction of years": ("[finance]\nlife = 20.5", "finance.life", "a whole number"),
    "true for a number": ("[carbon]\nfree_allocation = true", "carbon.free_allocation", "found 'true'"),
    "number for a switch": ("[trade]\nbans = 1", "trade.bans", "true or false"),
    "text for a switch": ('[trade]\nbans = "yes"', "trade.bans", "true or false"),
    "unknown choice": ('[prices]\nrule = "marginal"', "prices.rule", "one of nodal or merit_order"),
    "number for a text": ("[demand]\nscenario = 3", "demand.scenario", "a text in double quotes"),
    "not a number": ("[demand]\nfactor = nan", "demand.factor", "a number or a table of years"),
    "infinite in a path": ("[demand]\nfactor = { 2025 = inf }", "demand.factor.2025", "finite number"),
    "text in a path": ('[demand]\nfactor = { 2025 = 1.0, 2030 = "x" }', "demand.factor.2030", "found 'x'"),
    "path without years": (
        "[demand]\nfactor = { early = 1.0, 2030 = 0.9 }",
        "demand.factor.early",
        "keys of a path are years",
    ),
    "empty path": ("[demand]\nfactor = {}", "demand.factor", "at least one year"),
    "year out of reach": ("[demand]\nfactor = { 1850 = 1.0 }", "demand.factor", "between 2000 and 2100"),
    "negative factor": ("[demand]\nfactor = -0.5", "demand.factor", "must not be negative"),
    "years in the wrong order": (
        "[period]\nstart = 2040\nend = 2030",
        "period",
        "2030 lies before the first year 2040",
    ),
    "years out of range": ("[period]\nend = 2150", "period.end", "from 2020 to 2060"),
    "group is a number": ("demand = 3", "demand", "write [demand]"),
    "technology is a number": ("[technologies]\nBF = 1", "technologies.BF", "write [technologies.BF]"),
    "unknown setting of a technology": (
        "[technologies.BF]\ncapx_factor = 2",
        "technologies.BF.capx_factor",
        "capex_factor?",
    ),
    "empty name": ('name = ""', "name", "not empty"),
    "negative seed": ("seed = -1", "seed", "from 0 to 2147483647"),
    "unknown base": ('base = "refrence"', "base", "did you mean reference?"),
    "base is a file": ('base = "other.toml"', "base", "a base is the name of a preset"),
    "no TOML": ('name = "x"\ncarbon scenario = none', "row 2", "this is not TOML"),
    "unclosed text": ('name = "x', "row 1", "this is not TOML"),
    "twice": ("[demand]\nfactor = 1\nfactor = 2", "row 3", "this is not TOML"),
    "unknown path of the dataset": (
        '[carbon]\nscenario = "uniform_99"',
        "carbon.scenario",
        "the dataset has no such name",
    ),
    "unknown commodity": ("[prices.factors]\nhydrgen = 0.5", "hydrgen", "the dataset has no such name"),
    "unknown technology": ("[technologies.BFX]\nallowed = false", "BFX", "the dataset has no such name"),
    "unknown area": ("[carbon.paths]\nATLANTIS = 100", "ATLANTIS", "the dataset has no such name"),
}

OVERRIDES = {
    "no value": ("demand.factor", "write --set key.sub=value"),
    "no key": ("=3", "write --set key.sub=value"),
    "two words": ("name=two words", "texts with blanks need quotes"),
    "unknown setting": ("demand.facto=0.9", "did you mean factor?"),
    "outside its range": ("finance.life=99", "a whole number from 5 to 40 years"),
    "a second line": ("seed=1\nname='x'", "write --set key.sub=value"),
    "a year where there is no path": ("scrap.factor.2050=0.5", "it has no path there"),
    "python's true": ("trade.bans=True", "true or false is expected"),
}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny(tmp_path_factory.mktemp("worlds") / "tiny")


def refused(arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """The one message of a command that must be refused."""
    monkeypatch.setattr("sys.argv", ["steeliq", *arguments])
    with pytest.raises(SystemExit) as left:
        main()
    told = capsys.readouterr()
    assert left.value.code == 2
    assert told.out == ""
    assert "Traceback" not in told.err
    return told.err


@pytest.mark.parametrize("case", FILES)
def test_a_wrong_file_is_refused_with_one_clear_error_and_nothing_written(
    case: str, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text, place, said = FILES[case]
    monkeypatch.setenv("STEELIQ_HOME", str(tmp_path / "home"))
    file, out = tmp_path / "wrong.toml", tmp_path / "out"
    file.write_text(text + "\n", encoding="utf-8")
    message = refused(["run", str(file), "--dataset", str(tiny), "--out", str(out)], monkeypatch, capsys)
    assert "has 1 problem:" in message
    assert place in message
    assert said in message
    assert not out.exists()
    assert not (tmp_path / "home" / "runs").exists()


@pytest.mark.parametrize("case", OVERRIDES)
def test_a_wrong_override_is_refused_with_one_clear_error_and_nothing_written(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text, said = OVERRIDES[case]
    monkeypatch.setenv("STEELIQ_HOME", str(tmp_path / "home"))
    message = refused(["run", "--set", text], monkeypatch, capsys)
    assert "has 1 problem:" in message
    assert said in message
    assert not (tmp_path / "home").exists()


def test_everything_wrong_is_listed_at_once() -> None:
    with pytest.raises(ScenarioError) as refusal:
        load_scenario("reference", ["finance.life=99", "seed=-1", "carbn.x=1", "demand.factor=-1"])
    assert [problem.table for problem in refusal.value.problems] == ["carbn", "demand.factor", "finance.life", "seed"]


def test_names_that_the_dataset_lacks_are_told_with_what_is_wrong_in_the_file(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "three.toml"
    text = '[carbon]\nscenario = "uniform_99"\nfree_alocation = 1\n[demand]\nfactor = { 2030 = "x" }\n'
    file.write_text(text, encoding="utf-8")
    message = refused(["scenario", "check", str(file), "--dataset", str(tiny)], monkeypatch, capsys)
    assert "has 3 problems:" in message
    for place in ("carbon.free_alocation", "demand.factor.2030", "uniform_99"):
        assert place in message, place


def test_a_missing_file_is_told_with_the_presets_that_exist(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"no such file and no preset .* did you mean net-zero-2050\?"):
        load_scenario("net-zero-2055")
    with pytest.raises(ScenarioError, match="cannot be read"):
        load_scenario(tmp_path)


def test_a_file_that_is_not_utf8_is_told_with_line_and_byte(tmp_path: Path) -> None:
    file = tmp_path / "latin.toml"
    file.write_bytes(b'seed = 1\nname = "Gr\xf6\xdfe"\n')
    with pytest.raises(ScenarioError, match=r"row 2: found 'byte 0xf6'; the file is not UTF-8"):
        load_scenario(file)
