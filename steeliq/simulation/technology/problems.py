"""What is wrong with recipes: every way in which a bill of materials can contradict itself, listed at once.

The checks read the tables as they are; rows with an unknown key or without a number are left to the dataset's own
checks, and a recipe that contains one is not balanced here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from steeliq.errors import Problem

IRON_TOLERANCE = 1e-4
"""Share of the iron fed by which a bill may miss its stated loss: published amounts are rounded."""

PRODUCT_TOLERANCE = 1e-9
CARBON_TOLERANCE = 1e-6
"""t C per unit of product."""


@dataclass(frozen=True, slots=True)
class _Line:
    """One row of a bill of materials."""

    row: int
    commodity: str
    direction: str
    amount: float


@dataclass(frozen=True, slots=True)
class _Recipe:
    """One recipe with its lines; ``row`` is its place in the table recipes."""

    row: int
    technology: str
    option: str
    loss: float
    stage: str
    product: str
    lines: tuple[_Line, ...]

    @property
    def label(self) -> str:
        return f"{self.technology}/{self.option}"

    def side(self, direction: str) -> Iterator[_Line]:
        return (line for line in self.lines if line.direction == direction)


@dataclass(frozen=True, slots=True)
class _Commodity:
    kind: str
    iron: float
    carbon: float


def recipe_problems(tables: Mapping[str, pd.DataFrame]) -> list[Problem]:
    """All problems of the recipes, in the order of their tables and rows; an empty list if there are none.

    Needs the tables commodities, technologies, recipes and bill_of_materials. A row number counts the header as 1.
    """
    goods = _commodities(tables["commodities"])
    recipes = _recipes(tables, goods)
    found: list[Problem] = []
    for recipe in recipes:
        found += _product(recipe)
        found += _iron(recipe, goods)
        found += _carbon(recipe, goods)
        found += _internal(recipe, goods)
    found += _makers(tables["technologies"], recipes, goods)
    found += _missing_makers(tables, recipes, goods)
    found += _cycles(recipes)
    return sorted(found)


def _commodities(table: pd.DataFrame) -> dict[str, _Commodity]:
    iron = pd.to_numeric(table["iron"], errors="coerce")
    carbon = pd.to_numeric(table["carbon"], errors="coerce")
    return {
        str(name): _Commodity(str(kind), float(fe), float(c))
        for name, kind, fe, c in zip(table["commodity"], table["kind"], iron, carbon, strict=True)
        if pd.notna(fe) and pd.notna(c)
    }


def _recipes(tables: Mapping[str, pd.DataFrame], goods: Mapping[str, _Commodity]) -> list[_Recipe]:
    """Recipes that can be judged: known technology and product, a number in every line."""
    bill = tables["bill_of_materials"]
    amounts = pd.to_numeric(bill["amount"], errors="coerce")
    lines: dict[tuple[str, str], list[_Line]] = {}
    columns = zip(bill["technology"], bill["option"], bill["commodity"], bill["direction"], amounts, strict=True)
    for place, (technology, option, commodity, direction, amount) in enumerate(columns):
        line = _Line(place + 2, str(commodity), str(direction), float(amount))
        lines.setdefault((str(technology), str(option)), []).append(line)
    table = tables["technologies"]
    known = {
        str(technology): (str(stage), str(product))
        for technology, stage, product in zip(table["technology"], table["stage"], table["product"], strict=True)
        if str(product) in goods
    }
    recipes = tables["recipes"]
    losses = pd.to_numeric(recipes["iron_loss"], errors="coerce")
    judged = []
    for place, (technology, option, loss) in enumerate(
        zip(recipes["technology"], recipes["option"], losses, strict=True)
    ):
        own = tuple(lines.get((str(technology), str(option)), ()))
        sound = all(
            line.commodity in goods and line.direction in ("input", "output") and line.amount > 0 for line in own
        )
        if str(technology) in known and sound and pd.notna(loss):
            stage, product = known[str(technology)]
            judged.append(_Recipe(place + 2, str(technology), str(option), float(loss), stage, product, own))
    return judged


def _product(recipe: _Recipe) -> Iterator[Problem]:
    made = [line for line in recipe.side("output") if line.commodity == recipe.product]
    total = sum(line.amount for line in made)
    if abs(total - 1.0) > PRODUCT_TOLERANCE:
        rule = f"{recipe.label} must list exactly 1 of its product {recipe.product!r} as an output"
        if made:
            yield Problem("bill_of_materials", made[0].row, "amount", f"{total:g}", rule)
        else:
            yield Problem("recipes", recipe.row, "option", recipe.option, rule + "; it lists none")
    for line in recipe.side("input"):
        if line.commodity == recipe.product:
            rule = f"{recipe.label} must not consume its own product; state the net amounts"
            yield Problem("bill_of_materials", line.row, "commodity", line.commodity, rule)


def _iron(recipe: _Recipe, goods: Mapping[str, _Commodity]) -> Iterator[Problem]:
    fed = sum(line.amount * goods[line.commodity].iron for line in recipe.side("input"))
    left = sum(line.amount * goods[line.commodity].iron for line in recipe.side("output"))
    if fed == 0.0:
        if left > 0.0:
            rule = f"{recipe.label} makes {left:.4g} t iron per unit of product but charges none; add its charge"
            yield Problem("recipes", recipe.row, "option", recipe.option, rule)
        return
    if left > fed * (1.0 + IRON_TOLERANCE):
        rule = (
            f"{recipe.label} creates iron: {fed:.5g} t enter and {left:.5g} t leave per unit of product;"
            " raise the charge or correct the contents"
        )
        yield Problem("recipes", recipe.row, "iron_loss", f"{recipe.loss:g}", rule)
    elif abs(fed - left - recipe.loss * fed) > IRON_TOLERANCE * fed:
        rule = (
            f"iron of {recipe.label} does not close: {fed:.5g} t enter and {left:.5g} t leave per unit of product,"
            f" a loss of {1.0 - left / fed:.4%}; state that loss or correct the amounts"
        )
        yield Problem("recipes", recipe.row, "iron_loss", f"{recipe.loss:g}", rule)


def _carbon(recipe: _Recipe, goods: Mapping[str, _Commodity]) -> Iterator[Problem]:
    fed = sum(line.amount * goods[line.commodity].carbon for line in recipe.side("input"))
    left = sum(line.amount * goods[line.commodity].carbon for line in recipe.side("output"))
    if left > fed + CARBON_TOLERANCE:
        rule = (
            f"{recipe.label} creates carbon: {fed:.5g} t enter and {left:.5g} t leave per unit of product,"
            " so its CO2 would be negative; add the carbon that its product holds"
        )
        yield Problem("recipes", recipe.row, "option", recipe.option, rule)


def _internal(recipe: _Recipe, goods: Mapping[str, _Commodity]) -> Iterator[Problem]:
    for line in recipe.side("output"):
        if goods[line.commodity].kind == "internal" and line.commodity != recipe.product:
            rule = (
                f"{recipe.label} cannot sell the internal commodity {line.commodity!r}; give it a waste or bought one"
            )
            yield Problem("bill_of_materials", line.row, "commodity", line.commodity, rule)


def _makers(technologies: pd.DataFrame, recipes: list[_Recipe], goods: Mapping[str, _Commodity]) -> Iterator[Problem]:
    """Auxiliary steps make one internal commodity each, by one recipe; furnace groups make what can leave the step."""
    seen: dict[str, str] = {}
    columns = zip(technologies["technology"], technologies["stage"], technologies["product"], strict=True)
    for place, (technology, stage, product) in enumerate((str(a), str(b), str(c)) for a, b, c in columns):
        if product not in goods:
            continue
        kind = goods[product].kind
        if stage != "auxiliary":
            if kind not in ("hub", "hot"):
                rule = f"{technology} has furnace groups, so its product must be of kind hub or hot, not {kind}"
                yield Problem("technologies", place + 2, "product", product, rule)
            continue
        if kind != "internal":
            rule = f"{technology} is auxiliary, so its product must be of kind internal, not {kind}"
            yield Problem("technologies", place + 2, "product", product, rule)
        if product in seen:
            rule = f"two auxiliary steps make {product!r}: {seen[product]} and {technology}; keep one"
            yield Problem("technologies", place + 2, "product", product, rule)
        seen.setdefault(product, technology)
    first: dict[str, str] = {}
    for recipe in recipes:
        if recipe.stage == "auxiliary":
            if recipe.technology in first:
                rule = f"two recipes of the auxiliary step {recipe.technology} make {recipe.product!r}; keep one"
                yield Problem("recipes", recipe.row, "option", recipe.option, rule)
            first.setdefault(recipe.technology, recipe.option)


def _missing_makers(
    tables: Mapping[str, pd.DataFrame], recipes: list[_Recipe], goods: Mapping[str, _Commodity]
) -> Iterator[Problem]:
    # A maker whose own recipe cannot be judged still makes it: one fault must not be reported twice.
    stages = tables["technologies"]
    auxiliary = stages[(stages["stage"] == "auxiliary") & stages["technology"].isin(tables["recipes"]["technology"])]
    made = {str(product) for product in auxiliary["product"]}
    for recipe in recipes:
        for line in recipe.side("input"):
            if goods[line.commodity].kind == "internal" and line.commodity not in made:
                rule = f"no auxiliary step makes the internal commodity {line.commodity!r}; add one or buy it"
                yield Problem("bill_of_materials", line.row, "commodity", line.commodity, rule)


def _cycles(recipes: list[_Recipe]) -> Iterator[Problem]:
    """Auxiliary steps that need themselves: strip steps whose needs are all met until only cycles are left."""
    makers = {recipe.product: recipe for recipe in recipes if recipe.stage == "auxiliary"}
    needs = {
        product: {line.commodity for line in recipe.side("input") if line.commodity in makers} - {product}
        for product, recipe in makers.items()
    }
    while free := [product for product, needed in needs.items() if not needed & needs.keys()]:
        for product in free:
            del needs[product]
    # Steps that only feed on a cycle are left too; strip those that nobody left needs.
    while unused := [product for product in needs if not any(product in other for other in needs.values())]:
        for product in unused:
            del needs[product]
    if needs:
        names = ", ".join(sorted(makers[product].technology for product in needs))
        rule = f"auxiliary steps need each other in a circle ({names}); cut one of the links"
        place = min(makers[product].row for product in needs)
        yield Problem("recipes", place, "technology", "", rule)
