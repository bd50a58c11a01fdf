"""Slides: native charts that hold the numbers of the run, named, with unit, source and the run's hash on each."""

from pathlib import Path

import pytest
from pptx import Presentation

from steeliq.errors import RunError
from steeliq.simulation.results.fingerprint import short_hash
from steeliq.simulation.results.provenance import read_run_json
from steeliq.simulation.results.slides import to_pptx
from steeliq.simulation.results.tables import read_table
from tests.results_example import YEARS, reference_tables, write_run

CHARTS = (
    "production-steel", "capacity-steel", "charge-mix", "emissions-scope", "intensity", "prices", "decisions-kind",
    "investment",
)  # fmt: skip


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_run(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def deck(run_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return to_pptx(run_dir, tmp_path_factory.mktemp("slides") / "run.pptx")


def charts(path: Path) -> dict[str, dict[str, dict[str, float | None]]]:
    """Values by chart, series and category."""
    found = {}
    for slide in Presentation(str(path)).slides:
        for shape in slide.shapes:
            if shape.has_chart:
                plot = shape.chart.plots[0]
                years = [str(category) for category in plot.categories]
                found[shape.name] = {s.name: dict(zip(years, s.values, strict=True)) for s in plot.series}
    return found


def test_every_chart_is_native_and_there(deck: Path) -> None:
    assert tuple(charts(deck)) == CHARTS


def test_the_numbers_are_those_of_the_tables(deck: Path, run_dir: Path) -> None:
    names = reference_tables()["technologies"].set_index("technology")["name"]
    made = read_table(run_dir, "production")
    made = made[made["product"] == "crude_steel"]
    wanted = made.groupby(["technology", "year"], as_index=False)["production"].sum()
    found = charts(deck)["production-steel"]
    assert set(found) == set(names[made["technology"].unique()])
    for technology, year, value in wanted[["technology", "year", "production"]].itertuples(index=False, name=None):
        assert found[names[technology]][str(year)] == pytest.approx(value / 1e6, rel=1e-4)
    emitted = read_table(run_dir, "emissions").groupby("year")["scope1"].sum() / 1e6
    scope1 = charts(deck)["emissions-scope"]["Scope 1: on site"]
    assert [scope1[str(year)] for year in YEARS] == pytest.approx(emitted.tolist(), rel=1e-4)


def test_each_slide_has_a_title_unit_source_and_the_run(deck: Path, run_dir: Path) -> None:
    digits = short_hash(read_run_json(run_dir))
    slides = list(Presentation(str(deck)).slides)
    assert len(slides) == len(CHARTS) + 2
    for slide in slides:
        assert slide.shapes.title is not None
        assert slide.shapes.title.text_frame.text
    for slide in slides[2:]:
        texts = " ".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)
        assert digits in texts
        assert "Example" in texts
        assert "Source: " in texts
        axis = next(shape for shape in slide.shapes if shape.has_chart).chart.value_axis.axis_title.text_frame.text
        assert f"· {axis} ·" in texts


def test_the_key_figures_are_a_table(deck: Path) -> None:
    slide = list(Presentation(str(deck)).slides)[1]
    table = next(shape for shape in slide.shapes if shape.has_table).table
    cells = [cell.text_frame.text for cell in table.iter_cells()]
    assert "Crude steel" in cells
    assert "Mt CO2e" in cells


def test_a_run_without_a_year_makes_no_slides(run_dir: Path, tmp_path: Path) -> None:
    empty = tmp_path / "run"
    empty.mkdir()
    (empty / "run.json").write_bytes((run_dir / "run.json").read_bytes())
    with pytest.raises(RunError, match="no complete year"):
        to_pptx(empty, tmp_path / "x.pptx")
    assert not list(tmp_path.glob("*.pptx*"))
