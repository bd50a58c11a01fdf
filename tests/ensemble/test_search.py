"""Search: what is guaranteed on responses with steps, plateaus and ways back; and on a small world."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steeliq.ensemble.search import Found, Lever, Question, Target, Trial, lever_of, search
from steeliq.errors import AnalysisError, QuestionError
from steeliq.simulation.scenario import Scenario
from steeliq.simulation.scenario.files import check, parse_scenario, to_toml
from tests.strategies import examples

BASE = Scenario.model_validate({"period": {"start": 2025, "end": 2026}})
TARGET = Target("emissions", 2026, 100.0)


def answering(
    response: Callable[[float, int], float],
) -> tuple[Callable[[Sequence[Scenario]], list[pd.DataFrame]], list[float]]:
    """Simulates by a function of the world's carbon price and the seed; the prices asked for."""
    asked: list[float] = []

    def simulate(scenarios: Sequence[Scenario]) -> list[pd.DataFrame]:
        tables = []
        for scenario in scenarios:
            price = scenario.carbon.paths["WORLD"]
            level = price if isinstance(price, float) else price[2026]
            asked.append(level)
            rows = [(2026, "world", "emissions", "Mt", response(level, scenario.seed))]
            tables.append(pd.DataFrame(rows, columns=["year", "area", "output", "unit", "value"]))
        return tables

    return simulate, asked


def question(**changes: object) -> Question:
    given: dict[str, object] = {"start": 0.0, "end": 400.0, "tolerance": 1.0} | changes
    return Question(BASE, Lever("carbon.paths.WORLD"), TARGET, **given)  # type: ignore[arg-type]  # of any of its types


def sought(response: Callable[[float], float], **changes: object) -> Found:
    return search(question(**changes), answering(lambda price, _: response(price))[0])


def test_the_smallest_value_of_a_step_is_found_within_the_tolerance() -> None:
    found = sought(lambda price: 90.0 if price >= 137.3 else 110.0)
    assert found.value is not None
    assert found.missed is not None
    assert found.missed < 137.3 <= found.value
    assert found.value - found.missed <= 1.0
    assert found.back == ()


def test_the_number_of_trials_is_known_before() -> None:
    for tolerance in (1.0, 7.0, 25.0, 100.0, 300.0):
        ask = question(tolerance=tolerance)
        found = search(ask, answering(lambda price, _: 90.0 if price >= 137.3 else 110.0)[0])
        assert len(found.trials) <= ask.trials
        assert len(found.trials) == ask.trials


def test_a_target_met_at_the_start_needs_no_bisection() -> None:
    found = sought(lambda _: 90.0)
    assert (found.value, found.missed, len(found.trials)) == (0.0, None, 5)


def test_a_target_missed_everywhere_is_no_value() -> None:
    found = sought(lambda _: 110.0)
    assert (found.value, found.missed) == (None, None)
    assert len(found.trials) == 5


def test_a_way_back_is_told_and_the_first_crossing_is_still_found() -> None:
    found = sought(lambda price: 90.0 if 130 <= price < 230 or price >= 390 else 110.0)
    assert found.value is not None
    assert 130 <= found.value <= 131
    assert found.back == (300.0,)


def test_a_range_can_be_searched_downwards() -> None:
    found = sought(lambda price: 90.0 if price <= 137.3 else 110.0, start=400.0, end=0.0)
    assert found.value is not None
    assert 136.3 <= found.value <= 137.3


def test_a_target_can_be_a_least_value() -> None:
    simulate, _ = answering(lambda price, _: price)
    ask = Question(BASE, Lever("carbon.paths.WORLD"), Target("emissions", 2026, 137.3, at_least=True), 0.0, 400.0)
    found = search(ask, simulate)
    assert found.value is not None
    assert 137.3 <= found.value <= 137.3 + ask.width


def test_the_mean_over_the_agents_seeds_decides() -> None:
    simulate, asked = answering(lambda price, seed: 150 - price + 10 * seed)
    found = search(question(seeds=(1, 2, 6), tolerance=0.5), simulate)
    assert found.value is not None
    assert 80 <= found.value <= 80.5  # 150 - x + 30
    trial = found.trials[0]
    assert (trial.outcome, trial.least, trial.greatest) == (180.0, 160.0, 210.0)
    assert len(asked) == 3 * len(found.trials)


def test_known_trials_are_not_simulated_again() -> None:
    response = lambda price, _: 90.0 if price >= 137.3 else 110.0  # noqa: E731 (one line says all)
    whole = search(question(), answering(response)[0])
    simulate, asked = answering(response)
    told: list[Trial] = []
    again = search(question(), simulate, known=whole.trials[:7], tell=told.append)
    assert again == whole
    assert asked == [trial.value for trial in told] == [trial.value for trial in whole.trials[7:]]


def test_a_path_is_multiplied_and_the_scenario_can_be_written_and_read() -> None:
    lever = lever_of(BASE, "carbon.paths.WORLD", {2025: 10.0, 2050: 100.0})
    made = lever.scenario(BASE, 1.5, 7)
    assert made.carbon.paths == {"WORLD": {2025: 15.0, 2050: 150.0}}
    assert made.seed == 7
    assert parse_scenario(to_toml(made)) == made
    assert lever_of(made, "carbon.paths.WORLD").scenario(made, 2.0, 1).carbon.paths["WORLD"] == {
        2025: 30.0,
        2050: 300.0,
    }
    assert lever_of(made, "support.subsidies").scenario(made, 2.0, 1).support.subsidies == 2.0


def test_what_cannot_be_searched_is_refused_before_anything_is_simulated() -> None:
    simulate, asked = answering(lambda *_: 0.0)
    with pytest.raises(QuestionError, match="year 2050 is not simulated; the scenario has 2025-2026"):
        search(Question(BASE, Lever("carbon.paths.WORLD"), Target("emissions", 2050, 1.0), 0.0, 1.0), simulate)
    with pytest.raises(QuestionError, match="two different ends"):
        search(question(end=0.0), simulate)
    with pytest.raises(QuestionError, match=r"support.subsidies.*found '20.0'; a number from 0 to 10"):
        search(Question(BASE, Lever("support.subsidies"), TARGET, 0.0, 20.0), simulate)
    with pytest.raises(QuestionError, match=r"whole number"):
        search(Question(BASE, Lever("finance.construction"), TARGET, 1.0, 4.0), simulate)
    with pytest.raises(QuestionError, match=r"did you mean"):
        search(Question(BASE, Lever("support.subsidy"), TARGET, 0.0, 1.0), simulate)
    path = check({"scrap": {"factor": {"2025": 1.0, "2026": 0.9}}, "period": {"end": 2026}, "name": "x"}, "x")
    with pytest.raises(QuestionError, match=r"scrap.factor.2030; only a year .* its years are 2025, 2026; name one"):
        search(Question(path, Lever("scrap.factor.2030"), TARGET, 1.0, 0.5), simulate)
    assert Lever("scrap.factor.2026").scenario(path, 0.5, 1).scrap.factor == {2025: 1.0, 2026: 0.5}
    assert asked == []
    with pytest.raises(AnalysisError, match="did you mean emissions"):
        search(Question(BASE, Lever("carbon.paths.WORLD"), Target("emission", 2026, 1.0), 0.0, 1.0), simulate)


@examples(100)
@given(st.lists(st.floats(0, 400), min_size=0, max_size=6), st.booleans(), st.integers(1, 8), st.floats(0.5, 50))
def test_whatever_the_response_what_is_guaranteed_holds(
    turns: list[float], begins_met: bool, steps: int, tolerance: float
) -> None:
    def response(price: float) -> float:
        met = begins_met ^ bool(np.searchsorted(sorted(turns), price, side="right") % 2)
        return 90.0 if met else 110.0

    ask = question(steps=steps, tolerance=tolerance)
    found = search(ask, answering(lambda price, _: response(price))[0])
    if found.value is None:
        assert all(response(value) > 100 for value in ask.grid)
        return
    assert response(found.value) <= 100
    assert all(response(value) > 100 for value in ask.grid if value < found.value)
    if found.value > ask.start:
        assert found.missed is not None
        assert response(found.missed) > 100
        assert 0 < found.value - found.missed <= tolerance + 1e-12 * found.value  # the bisection's own rounding
    assert len(found.trials) <= ask.trials
