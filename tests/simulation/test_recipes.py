"""The element balance and the folding of auxiliary steps, on tables small enough to solve by hand.

The small works: ore (60 % iron) is sintered with coke, coke is made of coal, a blast furnace turns sinter and coal into
hot metal, and an arc furnace melts scrap or hot metal.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steeliq.errors import DatasetError
from steeliq.simulation.technology.recipes import Recipes, compile_recipes, recipe_problems, step_balance

type Tables = dict[str, pd.DataFrame]

COMMODITIES = [
    # commodity, kind, iron, carbon, biogenic, metallic, upstream
    ("ore", "hub", 0.6, 0.0, False, False, 0.01),
    ("scrap", "hub", 0.95, 0.0, False, True, 0.0),
    ("steel", "hub", 1.0, 0.0, False, False, 0.0),
    ("hot_metal", "hot", 0.95, 0.05, False, True, 0.0),
    ("coal", "bought", 0.0, 0.8, False, False, 0.2),
    ("charcoal", "bought", 0.0, 0.8, True, False, 0.5),
    ("electricity", "bought", 0.0, 0.0, False, False, 0.0),
    ("sinter", "internal", 0.57, 0.0, False, False, 0.0),
    ("coke", "internal", 0.0, 0.9, False, False, 0.0),
    ("dust", "waste", 0.5, 0.0, False, False, 0.0),
]
TECHNOLOGIES = [
    ("ARC", "steelmaking", "steel", 0.0),
    ("BF", "ironmaking", "hot_metal", 0.0),
    ("BF_CCS", "ironmaking", "hot_metal", 0.6),
    ("COKING", "auxiliary", "coke", 0.0),
    ("SINTERING", "auxiliary", "sinter", 0.0),
]
RECIPES = [
    ("ARC", "scrap", 1 - 1 / 1.045),
    ("ARC", "hot_metal", 0.0),
    ("BF", "coal", 0.0),
    ("BF", "charcoal", 0.0),
    ("BF", "mixed", 0.0),
    ("BF_CCS", "mixed", 0.0),
    ("COKING", "only", 0.0),
    ("SINTERING", "only", 0.0),
]
FURNACE = [("sinter", "input", 5 / 3), ("hot_metal", "output", 1.0), ("electricity", "input", 0.1)]
BILLS: dict[tuple[str, str], list[tuple[str, str, float]]] = {
    ("ARC", "scrap"): [("scrap", "input", 1.1), ("electricity", "input", 0.5), ("steel", "output", 1.0)],
    ("ARC", "hot_metal"): [("hot_metal", "input", 20 / 19), ("electricity", "input", 0.2), ("steel", "output", 1.0)],
    ("BF", "coal"): [*FURNACE, ("coal", "input", 0.5), ("electricity", "output", 0.3)],
    ("BF", "charcoal"): [*FURNACE, ("charcoal", "input", 0.5)],
    ("BF", "mixed"): [*FURNACE, ("coal", "input", 0.3), ("charcoal", "input", 0.2)],
    ("BF_CCS", "mixed"): [*FURNACE, ("coal", "input", 0.3), ("charcoal", "input", 0.2)],
    ("COKING", "only"): [("coal", "input", 1.25), ("coke", "output", 1.0), ("electricity", "input", 0.04)],
    ("SINTERING", "only"): [("ore", "input", 0.95), ("coke", "input", 0.06), ("sinter", "output", 1.0)],
}

COKE_CO2 = (1.25 * 0.8 - 0.9) * 44 / 12
SINTER_CO2 = 0.06 * 0.9 * 44 / 12
AUXILIARY_CO2 = 5 / 3 * (SINTER_CO2 + 0.06 * COKE_CO2)


def small_works(bills: Mapping[tuple[str, str], list[tuple[str, str, float]]] = BILLS) -> Tables:
    lines = [(t, o, *line) for (t, o), bill in bills.items() for line in bill]
    return {
        "commodities": pd.DataFrame(
            COMMODITIES, columns=["commodity", "kind", "iron", "carbon", "biogenic", "metallic", "upstream"]
        ),
        "technologies": pd.DataFrame(TECHNOLOGIES, columns=["technology", "stage", "product", "capture_rate"]),
        "recipes": pd.DataFrame(RECIPES, columns=["technology", "option", "iron_loss"]),
        "bill_of_materials": pd.DataFrame(lines, columns=["technology", "option", "commodity", "direction", "amount"]),
    }


@pytest.fixture
def works() -> Tables:
    return small_works()


@pytest.fixture
def recipes(works: Tables) -> Recipes:
    return compile_recipes(works)


def put(works: Tables, table: str, place: int, column: str, value: str | float) -> None:
    works[table][column] = [value if i == place else old for i, old in works[table][column].items()]


def add(works: Tables, table: str, *rows: tuple[str | float | bool, ...]) -> None:
    old = works[table]
    works[table] = pd.concat([old, pd.DataFrame(rows, columns=list(old.columns))], ignore_index=True)


def use(recipes: Recipes, technology: str, option: str, commodity: str) -> float:
    return float(recipes.bill[recipes.index(technology, option), recipes.commodities.index(commodity)])


def test_a_works_without_faults_has_no_problems(works: Tables) -> None:
    assert recipe_problems(works) == []


def test_options_are_sorted_and_auxiliary_steps_are_none_of_them(recipes: Recipes) -> None:
    assert recipes.options == (
        ("ARC", "hot_metal"),
        ("ARC", "scrap"),
        ("BF", "charcoal"),
        ("BF", "coal"),
        ("BF", "mixed"),
        ("BF_CCS", "mixed"),
    )
    assert recipes.technologies == ("ARC", "BF", "BF_CCS")
    assert [recipes.technologies[t] for t in recipes.technology] == [technology for technology, _ in recipes.options]
    assert recipes.commodities[recipes.product[0]] == "steel"


def test_ore_and_coal_of_auxiliary_steps_enter_the_furnace_bill(recipes: Recipes) -> None:
    assert use(recipes, "BF", "coal", "ore") == pytest.approx(5 / 3 * 0.95, rel=1e-14)
    assert use(recipes, "BF", "coal", "coal") == pytest.approx(0.5 + 5 / 3 * 0.06 * 1.25, rel=1e-14)
    assert use(recipes, "BF", "coal", "sinter") == 0.0
    assert use(recipes, "BF", "coal", "coke") == 0.0


def test_power_is_net_of_own_generation_and_includes_auxiliary_steps(recipes: Recipes) -> None:
    coke_power = 5 / 3 * 0.06 * 0.04
    assert recipes.electricity[recipes.index("BF", "coal")] == pytest.approx(0.1 - 0.3 + coke_power, rel=1e-13)
    assert recipes.electricity[recipes.index("ARC", "scrap")] == 0.5


def test_co2_is_what_is_left_of_the_carbon(recipes: Recipes) -> None:
    o = recipes.index("BF", "coal")
    assert recipes.generated_fossil[o] == pytest.approx((0.4 - 0.05) * 44 / 12 + AUXILIARY_CO2, rel=1e-13)
    assert recipes.generated_biogenic[o] == 0.0
    assert recipes.scope1[o] == recipes.generated_fossil[o]
    assert recipes.scope1[recipes.index("ARC", "hot_metal")] == pytest.approx(20 / 19 * 0.05 * 44 / 12, rel=1e-13)


def test_carbon_in_the_product_is_fossil_while_there_is_fossil_carbon(recipes: Recipes) -> None:
    mixed = recipes.index("BF", "mixed")
    assert recipes.generated_fossil[mixed] == pytest.approx((0.24 - 0.05) * 44 / 12 + AUXILIARY_CO2, rel=1e-13)
    assert recipes.generated_biogenic[mixed] == pytest.approx(0.16 * 44 / 12, rel=1e-13)
    pure = recipes.index("BF", "charcoal")
    assert recipes.generated_fossil[pure] == pytest.approx(AUXILIARY_CO2, rel=1e-13)
    assert recipes.generated_biogenic[pure] == pytest.approx((0.4 - 0.05) * 44 / 12, rel=1e-13)


def test_capture_takes_a_share_of_the_steps_own_co2_and_credits_biogenic_carbon(recipes: Recipes) -> None:
    o = recipes.index("BF_CCS", "mixed")
    own = (0.4 - 0.05) * 44 / 12
    assert recipes.captured[o] == pytest.approx(0.6 * own, rel=1e-13)
    assert recipes.captured_biogenic[o] == pytest.approx(0.6 * 0.16 * 44 / 12, rel=1e-13)
    assert recipes.scope1[o] == pytest.approx(0.19 * 44 / 12 + AUXILIARY_CO2 - 0.6 * own, rel=1e-12)


def test_the_charge_counts_metallics_only(recipes: Recipes) -> None:
    assert recipes.charge[recipes.index("ARC", "scrap")] == 1.1
    assert recipes.charge[recipes.index("ARC", "hot_metal")] == 20 / 19
    assert recipes.charge[recipes.index("BF", "coal")] == 0.0
    scrap = recipes.commodities.index("scrap")
    assert recipes.charge_by_commodity[recipes.index("ARC", "scrap"), scrap] == 1.1


def test_upstream_emissions_follow_the_inputs(recipes: Recipes) -> None:
    ore, coal = 5 / 3 * 0.95, 0.5 + 5 / 3 * 0.06 * 1.25
    assert recipes.upstream[recipes.index("BF", "coal")] == pytest.approx(0.01 * ore + 0.2 * coal, rel=1e-13)


def test_iron_lost_is_the_residual_of_the_iron(recipes: Recipes) -> None:
    o = recipes.index("ARC", "scrap")
    assert (recipes.iron_in[o], recipes.iron_out[o]) == (pytest.approx(1.045), pytest.approx(1.0))
    assert recipes.iron_lost[o] == pytest.approx(0.045, rel=1e-12)


def test_byproducts_carry_their_iron_and_appear_as_negative_use() -> None:
    bills = dict(BILLS)
    bills["ARC", "scrap"] = [*BILLS["ARC", "scrap"], ("dust", "output", 0.04)]
    tables = small_works(bills)
    put(tables, "recipes", 0, "iron_loss", 1 - 1.02 / 1.045)
    recipes = compile_recipes(tables)
    assert use(recipes, "ARC", "scrap", "dust") == -0.04
    assert recipes.iron_out[recipes.index("ARC", "scrap")] == pytest.approx(1.02, rel=1e-13)


def test_the_step_balance_has_one_row_per_recipe(works: Tables) -> None:
    table = step_balance(works).set_index(["technology", "option"])
    assert len(table) == len(RECIPES)
    assert table["iron_residual"].abs().max() < 1e-12
    assert table.at[("COKING", "only"), "carbon_emitted"] == pytest.approx(0.1, rel=1e-12)
    assert table.at[("SINTERING", "only"), "co2"] == pytest.approx(SINTER_CO2, rel=1e-12)
    assert table.at[("BF", "charcoal"), "co2_biogenic"] == pytest.approx(0.35 * 44 / 12, rel=1e-12)


def test_the_tables_are_left_as_they_were(works: Tables) -> None:
    before = {name: table.copy() for name, table in works.items()}
    compile_recipes(works)
    for name, table in works.items():
        pd.testing.assert_frame_equal(table, before[name])


def same(one: Recipes, other: Recipes) -> None:
    for field in Recipes.__slots__:
        a, b = getattr(one, field), getattr(other, field)
        if isinstance(a, np.ndarray):
            np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14, err_msg=field)
        else:
            assert a == b, field


@given(seed=st.integers(0, 2**32 - 1))
def test_the_order_of_rows_does_not_matter(seed: int) -> None:
    tables = small_works()
    shuffled = {name: table.sample(frac=1, random_state=seed) for name, table in tables.items()}
    same(compile_recipes(tables), compile_recipes(shuffled))


@given(coal=st.floats(0.2, 2.0), charcoal=st.floats(0.001, 2.0), rate=st.floats(0.0, 1.0))
def test_carbon_and_capture_close_for_any_fuel(coal: float, charcoal: float, rate: float) -> None:
    bills = dict(BILLS)
    bills["BF_CCS", "mixed"] = [*FURNACE, ("coal", "input", coal), ("charcoal", "input", charcoal)]
    tables = small_works(bills)
    put(tables, "technologies", 2, "capture_rate", rate)
    recipes = compile_recipes(tables)
    generated = recipes.generated_fossil + recipes.generated_biogenic
    np.testing.assert_allclose((recipes.carbon_in - recipes.carbon_out) * 44 / 12, generated, rtol=1e-12)
    np.testing.assert_allclose(recipes.scope1 + recipes.captured, recipes.generated_fossil, rtol=1e-12)
    assert (recipes.captured_biogenic <= recipes.captured + 1e-15).all()
    assert (recipes.captured <= generated + 1e-15).all()
    assert (recipes.generated_biogenic >= 0).all()


@given(coke=st.floats(0.01, 0.5), power=st.floats(0.01, 2.0))
def test_folding_a_step_in_by_hand_changes_nothing(coke: float, power: float) -> None:
    bills = dict(BILLS)
    bills["COKING", "only"] = [("coal", "input", 2.5), ("coke", "output", 1.0), ("electricity", "input", power)]
    bills["SINTERING", "only"] = [("ore", "input", 0.95), ("coke", "input", coke), ("sinter", "output", 1.0)]
    folded = dict(bills)
    folded["SINTERING", "only"] = [
        ("ore", "input", 0.95),
        ("coal", "input", 2.5 * coke),
        ("electricity", "input", power * coke),
        ("sinter", "output", 1.0),
    ]
    same(compile_recipes(small_works(bills)), compile_recipes(small_works(folded)))


def test_an_auxiliary_step_that_nobody_uses_changes_nothing(works: Tables, recipes: Recipes) -> None:
    add(works, "commodities", ("zinc", "internal", 0.0, 0.0, False, False, 0.0))
    add(works, "technologies", ("ZINCING", "auxiliary", "zinc", 0.0))
    add(works, "recipes", ("ZINCING", "only", 0.0))
    lines = [("ZINCING", "only", "zinc", "output", 1.0), ("ZINCING", "only", "electricity", "input", 3.0)]
    add(works, "bill_of_materials", *lines)
    wider = compile_recipes(works)
    assert wider.options == recipes.options
    np.testing.assert_array_equal(wider.scope1, recipes.scope1)
    np.testing.assert_array_equal(wider.electricity, recipes.electricity)


# --- every way in which recipes can be wrong -------------------------------------------------------------------------


def line_row(works: Tables, technology: str, option: str, commodity: str, direction: str = "input") -> int:
    bill = works["bill_of_materials"]
    found = bill[
        (bill["technology"] == technology)
        & (bill["option"] == option)
        & (bill["commodity"] == commodity)
        & (bill["direction"] == direction)
    ]
    return int(found.index[0])


def set_amount(works: Tables, place: int, amount: float) -> None:
    put(works, "bill_of_materials", place, "amount", amount)


def only_problem(works: Tables) -> tuple[str, int, str, str, str]:
    problems = recipe_problems(works)
    assert len(problems) == 1, problems
    (problem,) = problems
    with pytest.raises(DatasetError) as refused:
        compile_recipes(works)
    assert refused.value.problems == (problem,)
    return problem.table, problem.row, problem.column, problem.value, problem.rule


def test_iron_that_does_not_close_is_named_with_the_loss_it_has(works: Tables) -> None:
    put(works, "recipes", 0, "iron_loss", 0.02)
    table, row, column, value, rule = only_problem(works)
    assert (table, row, column, value) == ("recipes", 2, "iron_loss", "0.02")
    assert "4.3062%" in rule


def test_amounts_may_be_rounded_to_a_ten_thousandth_of_the_iron(works: Tables) -> None:
    place = line_row(works, "ARC", "scrap", "scrap")
    set_amount(works, place, 1.1 * (1 + 0.9e-4))
    assert recipe_problems(works) == []
    set_amount(works, place, 1.1 * (1 + 1.2e-4))
    assert only_problem(works)[2] == "iron_loss"


def test_a_recipe_that_creates_iron_is_refused(works: Tables) -> None:
    set_amount(works, line_row(works, "ARC", "scrap", "scrap"), 1.0)
    table, row, column, _, rule = only_problem(works)
    assert (table, row, column) == ("recipes", 2, "iron_loss")
    assert "creates iron" in rule
    assert "0.95 t enter and 1 t leave" in rule


def test_a_recipe_that_creates_carbon_is_refused(works: Tables) -> None:
    set_amount(works, line_row(works, "BF", "coal", "coal"), 0.05)
    table, row, column, value, rule = only_problem(works)
    assert (table, row, column, value) == ("recipes", 4, "option", "coal")
    assert "creates carbon" in rule


def test_a_metallic_product_needs_a_charge(works: Tables) -> None:
    works["bill_of_materials"] = works["bill_of_materials"].drop(index=line_row(works, "ARC", "scrap", "scrap"))
    table, row, column, value, rule = only_problem(works)
    assert (table, row, column, value) == ("recipes", 2, "option", "scrap")
    assert "charges none" in rule


def test_a_recipe_without_its_product_is_refused(works: Tables) -> None:
    place = line_row(works, "ARC", "scrap", "steel", "output")
    works["bill_of_materials"] = works["bill_of_materials"].drop(index=place)
    put(works, "recipes", 0, "iron_loss", 1.0)
    table, row, column, value, rule = only_problem(works)
    assert (table, row, column, value) == ("recipes", 2, "option", "scrap")
    assert "it lists none" in rule


def test_a_product_other_than_exactly_one_is_refused(works: Tables) -> None:
    place = line_row(works, "COKING", "only", "coke", "output")
    set_amount(works, place, 1.1)
    table, row, column, value, _ = only_problem(works)
    assert (table, row, column, value) == ("bill_of_materials", place + 2, "amount", "1.1")


def test_a_recipe_may_not_eat_its_own_product(works: Tables) -> None:
    place = line_row(works, "COKING", "only", "electricity")
    put(works, "bill_of_materials", place, "commodity", "coke")
    table, row, column, value, _ = only_problem(works)
    assert (table, row, column, value) == ("bill_of_materials", place + 2, "commodity", "coke")


def test_auxiliary_steps_in_a_circle_are_refused(works: Tables) -> None:
    place = line_row(works, "COKING", "only", "electricity")
    put(works, "bill_of_materials", place, "commodity", "sinter")
    put(works, "bill_of_materials", place, "amount", 0.01)
    put(works, "recipes", 6, "iron_loss", 1.0)
    table, row, column, _, rule = only_problem(works)
    assert (table, row, column) == ("recipes", 8, "technology")
    assert "(COKING, SINTERING)" in rule


def test_a_step_that_only_feeds_on_a_circle_is_not_blamed(works: Tables) -> None:
    place = line_row(works, "COKING", "only", "electricity")
    put(works, "bill_of_materials", place, "commodity", "sinter")
    put(works, "bill_of_materials", place, "amount", 0.01)
    put(works, "recipes", 6, "iron_loss", 1.0)
    add(works, "commodities", ("steam", "internal", 0.0, 0.0, False, False, 0.0))
    add(works, "technologies", ("BOILER", "auxiliary", "steam", 0.0))
    add(works, "recipes", ("BOILER", "only", 0.0))
    lines = [("BOILER", "only", "steam", "output", 1.0), ("BOILER", "only", "coke", "input", 0.1)]
    add(works, "bill_of_materials", *lines)
    assert "BOILER" not in only_problem(works)[4]


def test_an_internal_commodity_needs_a_maker(works: Tables) -> None:
    place = line_row(works, "BF", "coal", "coal")
    add(works, "commodities", ("syngas", "internal", 0.0, 0.8, False, False, 0.0))
    put(works, "bill_of_materials", place, "commodity", "syngas")
    table, row, column, value, rule = only_problem(works)
    assert (table, row, column, value) == ("bill_of_materials", place + 2, "commodity", "syngas")
    assert "no auxiliary step makes" in rule


def test_two_makers_of_one_internal_commodity_are_refused(works: Tables) -> None:
    add(works, "technologies", ("COKING_2", "auxiliary", "coke", 0.0))
    table, row, column, value, rule = only_problem(works)
    assert (table, row, column, value) == ("technologies", 7, "product", "coke")
    assert "COKING and COKING_2" in rule


def test_two_recipes_of_one_auxiliary_step_are_refused(works: Tables) -> None:
    add(works, "recipes", ("COKING", "second", 0.0))
    lines = [("COKING", "second", "coal", "input", 1.3), ("COKING", "second", "coke", "output", 1.0)]
    add(works, "bill_of_materials", *lines)
    table, row, column, value, _ = only_problem(works)
    assert (table, row, column, value) == ("recipes", 10, "option", "second")


def test_an_internal_commodity_cannot_be_sold(works: Tables) -> None:
    place = line_row(works, "BF", "coal", "electricity", "output")
    put(works, "bill_of_materials", place, "commodity", "coke")
    put(works, "bill_of_materials", place, "amount", 0.1)
    table, row, column, value, rule = only_problem(works)
    assert (table, row, column, value) == ("bill_of_materials", place + 2, "commodity", "coke")
    assert "cannot sell" in rule


def test_products_must_be_of_the_kind_that_their_stage_makes(works: Tables) -> None:
    put(works, "commodities", 2, "kind", "bought")
    assert only_problem(works)[:4] == ("technologies", 2, "product", "steel")
    put(works, "commodities", 2, "kind", "hub")
    put(works, "commodities", 8, "kind", "bought")
    assert only_problem(works)[:4] == ("technologies", 5, "product", "coke")


def test_all_problems_are_listed_at_once_and_in_order(works: Tables) -> None:
    put(works, "recipes", 0, "iron_loss", 0.02)
    set_amount(works, line_row(works, "BF", "coal", "coal"), 0.05)
    add(works, "technologies", ("COKING_2", "auxiliary", "coke", 0.0))
    problems = recipe_problems(works)
    assert [(p.table, p.row) for p in problems] == [("recipes", 2), ("recipes", 4), ("technologies", 7)]
    assert all(a <= b for a, b in pairwise(problems))


def test_rows_that_other_checks_refuse_do_not_stop_this_one(works: Tables) -> None:
    put(works, "bill_of_materials", line_row(works, "ARC", "scrap", "electricity"), "amount", "many")
    put(works, "bill_of_materials", line_row(works, "COKING", "only", "electricity"), "amount", -1.0)
    put(works, "bill_of_materials", line_row(works, "BF", "mixed", "coal"), "commodity", "cole")
    put(works, "recipes", 3, "technology", "BFF")
    assert recipe_problems(works) == []
