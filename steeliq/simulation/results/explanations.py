"""Decisions in words and numbers: what was chosen, what it was worth and why, and why every other course was not taken.

Rows of the tables decisions, candidates, reasons and limits go in; sentences and figures come out, the same for the
terminal, the pages and JSON. Money is USD per tonne of yearly capacity unless it says otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from typing import Any, Final

import pandas as pd

from steeliq.simulation.results.labels import PROJECT, Labels

PARTS: Final = {
    "revenue": "sales",
    "materials": "ore, scrap and iron",
    "energy": "energy and reductants",
    "conversion": "labour and services",
    "carbon": "carbon",
    "fixed": "fixed costs",
    "support": "support",
    "old_line": "old line until the start",
    "tightness": "expected change of the steel price",
    "equity": "equity",
    "debt_service": "debt service",
    "stranded": "stranded assets",
}
"""What the parts of an NPV are called; the keys are columns of the table reasons."""
NAMES: Final = {"stay": "Renovate", "extend": "Extend", "close": "Close", "run on": "Run on"}
TAKEN: Final = {"renovate": "stay", "extend": "extend", "close": "close"}
"""The course that a decision takes where it is not named after a route."""
BESIDE = 4  # courses whose parts are shown beside each other
STORY = 9  # years whose NPV is told
CLOSE = 5  # ids that are offered where the asked one is unknown
SET_APART = 3  # parts that are named when two courses are compared
_GOES_ON: Final = "Nothing changes: no course that the limits allow was better than waiting."
LEAST = 0.5  # USD/t below which a difference is not worth a word
NO_CHANGE: Final = "no change"

LIMIT_WORDS: Final = {
    "technology window": "the technology cannot be had by then, or no more",
    "technology ban": "the technology is banned there",
    "needed next year": "the next year could not do without this capacity",
}
TABLES: Final = ("production", "decisions", "candidates", "reasons", "limits")
"""Result tables that `find_groups` and `explain` read."""
ONLY_THEN: Final = "looked at only where a campaign ends and a renovation does not pay or cannot be paid"
CONSIDERED, ANNOUNCED = "considered", "announced"
STAGES: Final = {
    CONSIDERED: "its project here is still being considered",
    ANNOUNCED: "its project here is announced, not begun",
    "dropped": "its project here was dropped",
    "not worth its cost": "its project here is announced, but not worth its cost",
    "not needed yet": "its project here is announced, but not needed yet",
    "no land left at the site": "its project here is announced, but its own power finds no land left",
}
"""What becomes of a project in a year, by what the table candidates says; the names of limits come on top."""
IN_TONNES: Final = ("growth", "iron", "steel", "build-out", "country", "metallics")


@dataclass(frozen=True, slots=True)
class Course:
    """One thing that could have been done; NaN where the run does not say."""

    route: str
    name: str
    npv: float
    parts: dict[str, float]  # by column of the table reasons; they add up to the NPV
    probability: float
    draw: float
    refused_by: str
    chosen: bool
    why: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """One decision of one furnace group in one year, the best course first."""

    year: int
    furnace_group: str
    plant: str
    decision: str
    title: str
    capacity: float  # t/yr
    npv: float
    gain: float
    investment: float  # USD
    start: int
    sentences: tuple[str, ...]
    courses: tuple[Course, ...]

    @property
    def chosen(self) -> Course | None:
        """The course that was taken, if its NPV is known."""
        return next((course for course in self.courses if course.chosen), None)

    @property
    def beside(self) -> tuple[Course, ...]:
        """The chosen course and the best others whose parts are known, for a table."""
        known = [course for course in self.courses if course.parts]
        return tuple(sorted(known, key=lambda course: not course.chosen)[:BESIDE])

    def parts_beside(self) -> list[tuple[str, tuple[float, ...]]]:
        """Names of the parts that matter in any course of ``beside``, with their values in each."""
        rows = [(name, tuple(course.parts[part] for course in self.beside)) for part, name in PARTS.items()]
        return [(name, values) for name, values in rows if any(abs(value) >= LEAST for value in values)]


def explain(tables: Mapping[str, pd.DataFrame], groups: Iterable[str], year: int | None = None) -> list[Explanation]:
    """Every decision of some furnace groups in order; with a year, also what was looked at and left as it is.

    ``tables``: decisions, candidates, reasons, and limits (without them nothing is said of what a limit allowed).
    """
    names = sorted(set(groups))
    decided, considered, reasons = (_of(tables[name], names, year) for name in ("decisions", "candidates", "reasons"))
    allowed = _allowed(tables["limits"]) if "limits" in tables else {}
    courses = _courses(considered, reasons)
    followed = tables["candidates"][tables["candidates"]["furnace_group"].str.startswith(PROJECT)]
    out = []
    for row in decided.to_dict("records"):
        mine = courses.pop(_key(row), [])
        story: tuple[str, ...] = ()
        if row["decision"] == "found":
            history = followed[followed["furnace_group"] == str(row["plant"]).rpartition("-")[0]]
            now = history[history["year"] == row["year"]]
            stage = dict(zip(now["route"], now["refused_by"], strict=True))
            mine = [one | {"stage": stage.get(one["route"], "")} for one in mine]
            story = _story(history, str(row["to_route"]), int(row["year"]))
        out.append(_decision(row, mine, allowed, story))
    if year is not None:
        out += [_unchanged(group, when, rest, allowed) for (when, group), rest in courses.items()]
    return sorted(out, key=lambda one: (one.year, one.furnace_group))


def _allowed(limits: pd.DataFrame) -> dict[tuple[int, str], float]:
    rows = limits[["year", "limit", "allowed"]].itertuples(index=False)
    return {(int(year), str(limit)): float(most) for year, limit, most in rows}


def _of(table: pd.DataFrame, groups: list[str], year: int | None) -> pd.DataFrame:
    rows = table[table["furnace_group"].isin(groups)]
    return rows if year is None else rows[rows["year"] == year]


def _key(row: Mapping[Any, Any]) -> tuple[int, str]:
    return int(row["year"]), str(row["furnace_group"])


def _courses(considered: pd.DataFrame, reasons: pd.DataFrame) -> dict[tuple[int, str], list[dict[str, Any]]]:
    """Rows of candidates with their reasons by year and furnace group; what only has reasons comes along."""
    rows = considered.merge(reasons, on=["year", "furnace_group", "route"], how="outer")
    columns = list(PARTS)
    rows["npv"] = rows["npv"].fillna(rows[columns].sum(axis=1, min_count=1))
    rows["refused_by"] = rows["refused_by"].fillna("")
    rows = rows.dropna(subset=["npv"]).sort_values(["npv", "route"], ascending=[False, True])
    out: dict[tuple[int, str], list[dict[str, Any]]] = {}
    for row in rows.to_dict("records"):
        out.setdefault(_key(row), []).append({str(name): value for name, value in row.items()})
    return out


def _story(history: pd.DataFrame, route: str, year: int) -> tuple[str, ...]:
    """How a project came to be built in a year: since when, what it waited for, and what it was worth."""
    rows = history[(history["route"] == route) & (history["year"] <= year)].sort_values("year")
    years = rows["year"].tolist()
    begin = next((n for n in range(len(years) - 1, 0, -1) if years[n] - years[n - 1] != 1), 0)
    rows = rows.iloc[begin:]
    waited: dict[str, list[int]] = {}
    for when, said in rows[["year", "refused_by"]].itertuples(index=False):
        waited.setdefault(str(said), []).append(int(when))
    out = []
    announced = min(waited.get(ANNOUNCED, [year]))
    held = {said: years for said, years in waited.items() if said not in ("", CONSIDERED, ANNOUNCED)}
    chance = [when for when in waited.get(ANNOUNCED, []) if when > announced]
    if chance:
        held["the yearly chance to begin"] = chance
    if held:
        words = [f"{said} ({_spans(years)})" for said, years in sorted(held.items(), key=lambda one: one[1])]
        out.append(f"After the announcement it waited: {'; '.join(words)}.")
    if len(rows) > 1:
        worth = [f"{usd(float(npv))} in {when}" for when, npv in rows[["year", "npv"]].itertuples(index=False)]
        shown = worth if len(worth) <= STORY else [*worth[: STORY - 1], "…", worth[-1]]
        out.append(f"Its NPV, in USD per tonne of yearly capacity: {', '.join(shown)}.")
    return tuple(out)


def _spans(years: Sequence[int]) -> str:
    """Years as people write them: 2030, 2032 to 2035."""
    spans: list[list[int]] = []
    for year in sorted(years):
        if spans and spans[-1][1] == year - 1:
            spans[-1][1] = year
        else:
            spans.append([year, year])
    return ", ".join(str(first) if first == last else f"{first} to {last}" for first, last in spans)


def _decision(
    row: Mapping[Any, Any],
    rows: list[dict[str, Any]],
    allowed: Mapping[tuple[int, str], float],
    story: tuple[str, ...] = (),
) -> Explanation:
    decision, begin, end = str(row["decision"]), str(row["from_route"]), str(row["to_route"])
    taken = TAKEN.get(decision, end)
    if decision == "close" and rows and not any(one["route"] == "close" for one in rows):
        rows = sorted([*rows, {"route": "close", "npv": 0.0, "refused_by": ""}], key=lambda one: -one["npv"])
    own = next((one for one in rows if one["route"] == taken), None)
    courses = tuple(_course(one, own, decision, allowed.get((int(row["year"]), one["refused_by"]))) for one in rows)
    route = f"{route_name(begin)} → {route_name(end)}" if begin and end and begin != end else route_name(end or begin)
    shift = float(row["npv"]) - float(own["npv"]) if own else 0.0
    return Explanation(
        year=int(row["year"]),
        furnace_group=str(row["furnace_group"]),
        plant=str(row["plant"]),
        decision=decision,
        title=f"{decision}, {route}" if route else decision,
        capacity=float(row["capacity"]),
        npv=float(row["npv"]),
        gain=float(row["gain"]),
        investment=float(row["investment"]),
        start=int(row["start"]),
        sentences=(_sentence(str(row["reason"]), end), *story, *_sentences(courses, shift)),
        courses=courses,
    )


def _unchanged(
    group: str, year: int, rows: list[dict[str, Any]], allowed: Mapping[tuple[int, str], float]
) -> Explanation:
    nothing = math.nan
    if group.startswith(PROJECT) and not any(one["route"] == "stay" for one in rows):
        for one in rows:  # a row is a project of its own; what it waits for stands where others have a limit
            one |= {"stage": one["refused_by"]}
        courses = tuple(_course(one, None, NO_CHANGE, allowed.get((year, one["refused_by"]))) for one in rows)
        return Explanation(
            *(year, group, group, "project", "projects at a site", nothing, nothing, nothing, 0.0, year),
            sentences=("Projects at this site and what became of them this year.",),
            courses=courses,
        )
    own = next((one for one in rows if one["route"] == "stay"), None)
    courses = tuple(_course(one, own, NO_CHANGE, allowed.get((year, one["refused_by"]))) for one in rows)
    return Explanation(
        *(year, group, "", NO_CHANGE, NO_CHANGE, nothing, nothing, nothing, 0.0, year),
        sentences=(
            "The campaign goes on: nothing that the limits allow was better than waiting.",
            *_sentences(courses),
        ),
        courses=courses,
    )


def _course(row: dict[str, Any], own: dict[str, Any] | None, decision: str, allowed: float | None) -> Course:
    parts = {name: float(row[name]) for name in PARTS if not math.isnan(row.get(name, math.nan))}
    return Course(
        route=str(row["route"]),
        name=route_name(str(row["route"])),
        npv=float(row["npv"]),
        parts=parts,
        probability=float(row.get("probability", math.nan)),
        draw=float(row.get("draw", math.nan)),
        refused_by=str(row["refused_by"]),
        chosen=row is own and decision != NO_CHANGE,
        why=_why(row, own, decision, allowed),
    )


def _why(row: dict[str, Any], own: dict[str, Any] | None, decision: str, allowed: float | None) -> str:
    """Why a course was or was not taken, in a few words."""
    if row is own:
        return "goes on" if decision == NO_CHANGE else "chosen"
    if row["refused_by"] and row.get("stage") not in STAGES:
        return f"refused: {_refusal(row, allowed)}"
    if "stage" in row and (said := _stage(str(row["stage"]), begun=own is None)):
        return said
    if row["route"] == "run on":
        return "what this year brought"
    if row["route"] == "extend" and decision in ("renovate", NO_CHANGE):
        return ONLY_THEN
    if float(row["npv"]) <= 0:
        return "not worth its cost"
    if own is None:
        return "not taken"
    return _per_dollar(row, own) if decision in ("expand", "found") else _worth_beside(row, own, decision)


def _stage(stage: str, *, begun: bool) -> str:
    """What became of a course's project at the site; nothing if there is none."""
    if not stage:
        return "its building began" if begun else ""
    return STAGES.get(stage, f"its project here is announced, but {stage} refused it")


def _worth_beside(row: dict[str, Any], own: dict[str, Any], decision: str) -> str:
    less = float(own["npv"]) - float(row["npv"])
    if less >= 0:
        return f"worth {usd(less)} less"
    drawn = float(own.get("draw", math.nan)) - float(row.get("draw", math.nan))
    if drawn > -less:
        return f"worth {usd(-less)} more, but the draw favoured the other by {usd(drawn)}"
    if decision == NO_CHANGE:
        return f"worth {usd(-less)} more than a renovation, but not more than the best way to stay"
    return f"worth {usd(-less)} more before the year's first approval, not when its turn came"


def _per_dollar(row: dict[str, Any], own: dict[str, Any]) -> str:
    """New plants are ranked by NPV per dollar; equity is the same share of every investment."""
    mine, other = (float(one.get("equity", math.nan)) for one in (row, own))
    if math.isnan(mine) or math.isnan(other) or mine == 0 or other == 0:
        return "worth less per dollar of investment"
    ratio = (float(row["npv"]) / mine) / (float(own["npv"]) / other)
    if ratio <= 1:
        return f"worth {100 * (1 - ratio):.0f} % less per dollar of investment"
    more = f"worth {100 * (ratio - 1):.0f} % more per dollar of investment"
    return f"{more}, but no project for it was taken up here" if "stage" in row else f"{more}, but the draw decided"


def _refusal(row: dict[str, Any], allowed: float | None) -> str:
    """What a limit said: in words, or what was asked and what was left."""
    limit = str(row["refused_by"])
    if limit in LIMIT_WORDS:
        return LIMIT_WORDS[limit]
    asked, left = float(row.get("asked", math.nan)), float(row.get("left", math.nan))
    if math.isnan(asked) or math.isnan(left):
        return limit
    if limit == "treasury":
        return f"the owner's treasury; {asked / 1e6:,.1f} million USD of equity asked, {left / 1e6:,.1f} there"
    unit = "Mt/yr" if limit.startswith(IN_TONNES) else "Mt" if limit.startswith("CO2") else "units"
    scale = 1.0 if unit == "units" else 1e6
    of = f" of {allowed / scale:,.2f}" if allowed is not None else ""
    rest = f"{left / scale:,.2f}{of} left" if left > 0 else f"nothing{of} left"
    return f"{limit}; {asked / scale:,.2f} {unit} asked, {rest}"


def _sentences(courses: Sequence[Course], shift: float = 0.0) -> list[str]:
    """What the figures say: worth, what it is compared with, refusals, chance."""
    own = next((course for course in courses if course.chosen), None)
    run_on = next((course for course in courses if course.route == "run on"), None)
    out = []
    if own is not None and own.parts:
        out.append(f"{own.name} is worth {usd(own.npv)} USD per tonne of yearly capacity: {_made_of(own)}.")
    if run_on is not None:
        loss = "lost" if run_on.npv < 0 else "earned"
        out.append(f"Running on {loss} {usd(abs(run_on.npv))} USD per tonne this year: {_made_of(run_on)}.")
    if own is not None and abs(shift) >= LEAST:
        moved = "added" if shift > 0 else "took"
        out.append(
            f"Approvals earlier in the year moved the expected steel price, which {moved} {usd(abs(shift))}: "
            f"{usd(own.npv + shift)} when it was decided."
        )
    rivals = [course for course in courses if _rivals(course)]
    if own is not None and rivals and run_on is None:
        out.append(_comparison(own, min(rivals, key=lambda course: course.why == ONLY_THEN)))
        kept = [course.npv for course in courses if course.route in ("stay", "extend")]
        if own.route not in TAKEN.values() and kept and max(kept) < 0:
            out.append("No way to keep the line pays, so the new one is measured against closing, which is worth 0.")
    out += [f"{c.name}, worth {usd(c.npv)}, was {c.why}." for c in courses if c.refused_by and c.npv > 0][:3]
    return out + _chance(courses)


def _rivals(course: Course) -> bool:
    """Whether a course could have been taken instead of the chosen one."""
    return not course.chosen and not course.refused_by and course.route not in ("run on", "close")


def _made_of(course: Course) -> str:
    """The parts of an NPV in words, what brings money first."""
    shown = {name: value for name, value in course.parts.items() if abs(value) >= LEAST}
    brings = [f"{PARTS[name]} {usd(value)}" for name, value in shown.items() if value > 0]
    costs = [f"{PARTS[name]} {usd(-value)}" for name, value in shown.items() if value < 0]
    more = f"{_listed(brings)} in" if brings else ""
    less = f"{_listed(costs)} out" if costs else ""
    return "; ".join(part for part in (more, less) if part) or "nothing in, nothing out"


def _comparison(own: Course, rival: Course) -> str:
    """The best other course, and the parts that set the two apart."""
    less = own.npv - rival.npv
    rated = f"{usd(abs(less))} {'less' if less >= 0 else 'more'}"
    said = f"The best other course, {rival.name}, is worth {usd(rival.npv)}, {rated}"
    apart = {name: own.parts[name] - rival.parts[name] for name in own.parts if name in rival.parts}
    greatest = sorted((name for name in apart if abs(apart[name]) >= LEAST), key=lambda name: -abs(apart[name]))
    if not greatest:
        return f"{said}."
    words = [
        f"{PARTS[name]} ({usd(abs(apart[name]))} for {own.name if apart[name] > 0 else rival.name})"
        for name in greatest[:SET_APART]
    ]
    return f"{said}; what sets them apart most: {_listed(words)}."


def _chance(courses: Sequence[Course]) -> list[str]:
    drawn = [course for course in courses if not math.isnan(course.probability)]
    if not drawn:
        return []
    drawn.sort(key=lambda course: (-course.probability, course.route))
    words = [
        f"{_kept(course)} {percent(course.probability)}"
        + ("" if math.isnan(course.draw) else f" (draw {'+' if course.draw > 0 else ''}{usd(course.draw)})")
        for course in drawn[:4]
    ]
    return [f"Chances by worth alone, and what the draw added in USD per tonne: {_listed(words)}."]


def _kept(course: Course) -> str:
    return "keeping the line" if course.route == "stay" else course.name


def find_groups(tables: Mapping[str, pd.DataFrame], labels: Labels, wanted: str) -> tuple[str, ...]:
    """Furnace groups of the plant or the one group of that id, or of the plants of that name; or the site's projects.

    ``ValueError`` says what comes close if there is none.
    """
    known = pd.concat([tables[table][["furnace_group", "plant"]] for table in ("production", "decisions")])
    known = known.drop_duplicates().astype(str)
    units = pd.Series(tables["candidates"]["furnace_group"].unique(), dtype=str)
    units = units[units.str.startswith(PROJECT) & ~units.isin(known["furnace_group"])]
    known = pd.concat([known, pd.DataFrame({"furnace_group": units, "plant": units})])
    for column in ("plant", "furnace_group"):
        found = known.loc[known[column] == wanted, "furnace_group"]
        if len(found):
            return tuple(sorted(found))
    names = labels.names("plants", "plant")
    named = known["plant"].map(lambda plant: names.get(plant, ""))
    found = known.loc[named.str.casefold() == wanted.casefold(), "furnace_group"]
    if len(found):
        return tuple(sorted(found))
    raise ValueError(f"no plant or furnace group {wanted!r}; {_nearest(known, names, wanted)}")


def _nearest(known: pd.DataFrame, names: Mapping[str, str], wanted: str) -> str:
    """Plants and furnace groups whose id or name looks like what was asked for."""
    plants = sorted(set(known["plant"]))
    spelled = {plant.casefold(): plant for plant in plants} | {g.casefold(): g for g in known["furnace_group"]}
    spelled = {names[plant].casefold(): plant for plant in plants if plant in names} | spelled
    word = wanted.casefold()
    inside = [text for text in spelled if word and word in text]
    near = [spelled[text] for text in [*sorted(inside), *get_close_matches(word, list(spelled), n=CLOSE, cutoff=0.5)]]
    shown = [f"{one} ({names[one]})" if one in names else one for one in list(dict.fromkeys(near))[:CLOSE]]
    if not shown:
        return "ids and names stand in the table production and on the page of plants"
    return f"close to it: {', '.join(shown)}"


def document(explanations: Iterable[Explanation]) -> list[dict[str, Any]]:
    """The explanations as plain data for JSON; what is not known is None."""
    return [_plain(asdict(one)) for one in explanations]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def route_name(route: str) -> str:
    """A course as people read it: BF-BOF, Renovate."""
    return NAMES.get(route, route.replace("_", "-"))


def usd(value: float) -> str:
    """Whole dollars with thousands separators; a dash where nothing is known."""
    return "-" if math.isnan(value) else f"{round(value) + 0:,}".replace("-", "−")


def percent(share: float) -> str:
    """A chance in percent: whole, or below 1 %."""
    return "-" if math.isnan(share) else "below 1 %" if 0 < share < 0.01 else f"{100 * share:.0f} %"


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _sentence(reason: str, route: str) -> str:
    """A stored reason as a sentence, its route as people read it."""
    text = reason.replace(route, route_name(route)) if route else reason
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."
