"""What is paid at a border is told in two columns of the result table `flows`: duties, and border adjustment."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given

from steeliq.simulation.inputs import compile_inputs, initial_state
from steeliq.simulation.step import advance
from tests import oracle
from tests.micro import frame, micro
from tests.oracle import Programme
from tests.simulation.test_dispatch import TARIFF
from tests.strategies import World, examples, factors, solved, worlds
from tests.worlds import COUNTRIES

BLOCS = ("EU27", "BRICS")
PENNY = 1e-5  # USD/t: charges are rounded to a tenth of it


def flows_of(world: World) -> pd.DataFrame:
    """The result table of the first year."""
    inputs = compile_inputs(world.dataset, world.scenario)
    _, year = advance(inputs, initial_state(inputs))
    return year.tables["flows"].set_index(["commodity", "origin", "destination"])


def test_a_tariff_and_a_border_adjustment_on_one_flow_are_two_numbers() -> None:
    """India makes steel for itself, Brazil and Germany by melting scrap in arc furnaces.

    Its scope 1 is 44/12 of the carbon of 1.0856985 t of scrap (0.2 %), 1.8 kg of electrodes (100 %), 0.02 t of coal
    (80.6 %) and 1.2 GJ of gas (15.3 kg) less that of the steel (0.2 %):

        44/12 x (0.0021714 + 0.0018 + 0.01612 + 0.01836 - 0.002) = 0.1336551 tCO2/t

    Germany's duty:          1 % of 500 USD/t + 7 USD/t                  = 12 USD/t
    Brazil's duty:                              3 USD/t                  =  3 USD/t
    Europe's border charge:  50 % of 0.1336551 tCO2/t x (100 - 30 USD/t) =  4.677929 USD/t
    """
    tariffs = frame(
        TARIFF,
        ("EU27", "IND", "crude_steel", 2020, 2030, 0.01, 7.0, False),
        ("BRA", "IND", "crude_steel", 2020, 2030, 0.0, 3.0, False),
    )
    world = micro(
        {"I": ("Q/IND", "EAF", 4.0)},
        {"DEU": 1.0, "BRA": 1.0, "IND": 1.0},
        scrap={"IND": 9.0},
        carbon={"EU27": 100.0, "IND": 30.0},
        tariffs=tariffs,
        border_adjustments=frame("bloc commodity year share", ("EU27", "crude_steel", 2025, 0.5)),
    )
    steel = flows_of(world).loc["crude_steel"].loc["IND"]
    assert steel["amount"].to_dict() == pytest.approx({"BRA": 1e6, "DEU": 1e6, "IND": 1e6})
    assert steel["duty"].to_dict() == {"BRA": 3.0, "DEU": 12.0, "IND": 0.0}
    assert steel["border_charge"].to_dict() == {"BRA": 0.0, "DEU": 4.677929, "IND": 0.0}


def charges_of(lp: Programme, ship: tuple[str, str, str, str]) -> list[float]:
    """USD/t that the second dispatch charges what could cross with a shipment."""
    zones = [entries for row, entries in lp.entries.items() if row[0] == "adds up" and ship in entries]
    return [lp.cost[column] for entries in zones for column in entries if column[0] == "border"]


@examples(8)
@given(worlds(), factors(BLOCS, 0.2, 1.0), factors(COUNTRIES, 0.0, 250.0), factors(BLOCS, 0.0, 0.2))
def test_duties_and_border_charges_are_those_of_a_second_dispatch(
    world: World, share: dict[str, float], carbon: dict[str, float], duties: dict[str, float]
) -> None:
    """There a shipment costs transport and duties, and each kind of output its own charge on the way into a zone."""
    border = [(bloc, good, 2025, share[bloc]) for bloc in BLOCS for good in ("crude_steel", "pig_iron", "dri")]
    world = world.having(border_adjustments=frame("bloc commodity year share", *border)).under(
        carbon={"paths": carbon, "border_adjustment": True},
        trade={"duties": {f"* to {bloc}": rate for bloc, rate in duties.items()}},
    )
    flows, lp = flows_of(world), oracle.programme(world.tables, world.scenario, world.scenario.period.start)
    for place, row in flows.iterrows():
        ship = ("ship", *place)  # type: ignore[misc]  # an index of two names is a tuple
        assert row["transport_cost"] + row["duty"] == pytest.approx(lp.cost[ship], abs=PENNY)
        charges = charges_of(lp, ship) or [0.0]
        assert min(charges) - PENNY <= row["border_charge"] <= max(charges) + PENNY
    dispatched = solved(world)
    paid = dispatched.flows.bordered @ dispatched.network.border.charge
    assert flows["amount"] @ flows["border_charge"] == pytest.approx(paid, rel=1e-6, abs=10.0)
