"""The commands of what runs are made from: datasets and scenarios."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from steeliq.cli.options import DatasetPath, Overrides, ScenarioName
from steeliq.errors import DatasetError, Problem, ScenarioError

if TYPE_CHECKING:
    from collections.abc import Callable

    from steeliq.simulation.scenario import Scenario

data = typer.Typer(help="Datasets.", no_args_is_help=True, rich_markup_mode=None)
scenarios = typer.Typer(help="Scenarios.", no_args_is_help=True, rich_markup_mode=None)


@data.command("check")
def check_data(
    path: Annotated[Path, typer.Argument(help="Dataset folder, datapackage.json or Excel workbook.")],
) -> None:
    """Check a dataset and list everything that is wrong with it."""
    from steeliq.simulation.dataset import load

    facts = load(path)
    counts = {
        table: len(facts[table]) for table in ("countries", "plants", "furnace_groups", "technologies", "sources")
    }
    print(f"{facts.title} {facts.version}: a valid dataset")
    print(", ".join(f"{count:,} {table.replace('_', ' ')}" for table, count in counts.items()))
    print(f"hash {facts.hash}")


@data.command("hours", short_help="Put real hours of sun and wind into a dataset.")
def add_hours(
    file: Annotated[Path, typer.Argument(help="Parquet or NetCDF file with hours of sun and wind (docs/data.md).")],
    *,
    name: Annotated[str, typer.Option(help="Name of the new dataset.")],
    dataset: DatasetPath = None,
    origin: Annotated[str, typer.Option(help="Where the hours come from, e.g. 'ERA5 2019 by atlite'.")] = "",
) -> None:
    """Make a dataset of your own: the given one, with the hours of a file at the sites that the file names.

    It stands among the datasets of the app. Runs on it use these hours, and its hash covers them.
    """
    from steeliq.simulation.dataset import load
    from steeliq.simulation.siting.hours import with_hours
    from steeliq.webui.data.library import store

    base = load(dataset)
    tables = with_hours(base.tables, file, origin)
    about = f"{base.title}, with hours of sun and wind from {file.name}"
    made = store(tables, title=name, description=about, version=base.version or "1")
    print(f"{len(tables['site_hours']) // 730} sites with real hours")
    print(made.path)


@scenarios.command("list")
def list_scenarios() -> None:
    """List the presets."""
    import textwrap

    from steeliq.simulation.scenario.files import presets

    for preset in presets():
        print(preset.name)
        print(textwrap.fill(preset.description, 100, initial_indent="    ", subsequent_indent="    "))


@scenarios.command("show")
def show_scenario(
    scenario: ScenarioName,
    overrides: Overrides = None,
    *,
    full: Annotated[bool, typer.Option("--full", help="Every setting, not only those that differ.")] = False,
) -> None:
    """Print a scenario as TOML: what differs from the default, with its base resolved."""
    from steeliq.simulation.scenario.files import load_scenario, to_toml

    print(to_toml(load_scenario(scenario, overrides or ()), full=full), end="")


@scenarios.command("schema")
def scenario_schema() -> None:
    """Print the JSON Schema of scenario files, with units."""
    import json

    from steeliq.simulation.scenario.files import json_schema

    print(json.dumps(json_schema(), indent=2))


def _names_in(dataset: Path | None) -> Callable[[Scenario], list[Problem]]:
    """What a scenario names that the dataset does not hold; nothing if the dataset cannot be read (told later)."""

    def unknown(scenario: Scenario) -> list[Problem]:
        from steeliq.simulation.dataset import load
        from steeliq.simulation.market.conditions import check_names
        from steeliq.simulation.paths import Areas

        try:
            facts = load(dataset)
            check_names(facts.tables, Areas.of(facts["countries"], facts["blocs"]), scenario)
        except ScenarioError as error:
            return list(error.problems)
        except DatasetError:
            return []
        return []

    return unknown


@scenarios.command("check")
def check_scenario(scenario: ScenarioName, overrides: Overrides = None, dataset: DatasetPath = None) -> None:
    """Check a scenario, also against the names in the dataset."""
    from steeliq.simulation.scenario.files import differences, load_scenario

    chosen: Scenario = load_scenario(scenario, overrides or (), _names_in(dataset))
    from steeliq.simulation.dataset import load
    from steeliq.simulation.inputs import compile_inputs

    facts = load(dataset)
    compile_inputs(facts, chosen)
    groups = sorted(set(differences(chosen)) - {"name", "description"})
    print(f"{chosen.name}: a valid scenario for {facts.title}; differs in {', '.join(groups) or 'nothing'}")


def sites(
    scenario: ScenarioName = "reference",
    *,
    overrides: Overrides = None,
    dataset: DatasetPath = None,
    profiles: Annotated[
        Path | None,
        typer.Option(
            help="Parquet or NetCDF file with real hours of sun and wind (docs/data.md), to see what they cost."
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="CSV file with all sites and years.")] = None,
) -> None:
    """Find the cheapest solar, wind and battery for round-the-clock power at every site, and price hydrogen there."""
    from steeliq.simulation.dataset import load
    from steeliq.simulation.inputs import compile_inputs
    from steeliq.simulation.scenario.files import load_scenario

    chosen = load_scenario(scenario, [*(overrides or ()), "siting.enabled=true"])
    found = compile_inputs(load(dataset), chosen, profiles).sites
    assert found is not None, "siting is on"  # noqa: S101 (set above)
    table = found.table()
    if out is not None:
        from steeliq.atomic import write_text_atomically

        write_text_atomically(out, table.round(4).to_csv(index=False, lineterminator="\n"))
        print(out)
        return
    print(f"{'cheapest power':<26}{'year':>6}{'LCOE':>10}{'grid':>8}{'hydrogen':>10}   for 1 MW: solar, wind, battery")
    for year in sorted({int(table["year"].min()), int(table["year"].max())}):
        for row in table[table["year"] == year].nsmallest(10, "lcoe_usd_per_mwh").to_dict("records"):
            print(
                f"{row['site']:<26}{year:>6}{row['lcoe_usd_per_mwh']:>10.1f}{row['grid_usd_per_mwh']:>8.1f}"
                f"{row['hydrogen_usd_per_kg']:>10.2f}   {row['solar_mw']:.1f} MW, {row['wind_mw']:.1f} MW, "
                f"{row['battery_mwh']:.1f} MWh"
            )
    print("USD/MWh and USD/kg; all sites and years: --out FILE")
