"""What an ensemble can vary without a line of TOML: every number and every choice of a scenario, from its schema."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from steeliq.ensemble.design_problems import OWN
from steeliq.webui.scenarios.names import Names
from steeliq.webui.scenarios.settings import Setting, by_place, sections, window_settings
from steeliq.webui.scenarios.wording import number_text

type Kind = Literal["number", "whole", "text", "switch"]

KINDS: Final[dict[str, Kind]] = {
    "number": "number", "path": "number", "whole": "whole", "choice": "text", "named": "text", "switch": "switch",
}  # fmt: skip
"""Settings that can be varied, by how the scenario editor shows them, and of what kind their values are."""

AROUND: Final = (0.8, 1.2)
"""A number begins with a uniform distribution from and to so much of its default."""


EVERYWHERE: Final = {
    "carbon.paths": (
        "Carbon price everywhere",
        "In place of the dataset's prices: the same in all years, or a path that a search's number multiplies",
        ("0", "200"),
    ),
    "support.capex": (
        "CAPEX grant everywhere",
        "Share of the CAPEX of near-zero technologies that the public pays, on top of the dataset's",
        ("0", "0.3"),
    ),
    "support.hydrogen": (
        "Hydrogen subsidy everywhere",
        "Paid per tonne of hydrogen that furnace groups use, on top of the dataset's",
        ("0", "2000"),
    ),
}
"""Settings by area that are offered for the whole world: label, help, and where they begin and end."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One setting that can be varied."""

    place: str  # dotted name
    label: str
    unit: str
    help: str
    kind: Kind
    begin: dict[str, str]  # what its fields hold when it is added

    @property
    def words(self) -> str:
        """What it is found by."""
        return f"{self.label} {self.place} {self.help}".lower()


@dataclass(frozen=True, slots=True)
class Group:
    """A heading of the list."""

    title: str
    offers: tuple[Offer, ...]


def groups(names: Names) -> tuple[Group, ...]:
    """All settings that can be varied with this dataset, under the headings of the scenario editor."""
    found = (Group(section.title, tuple(_of_section(section.settings, names))) for section in sections())
    return tuple(group for group in found if group.offers)


def by_name(names: Names) -> dict[str, Offer]:
    """All of them by dotted name."""
    return {offer.place: offer for group in groups(names) for offer in group.offers}


def _of_section(settings: tuple[Setting, ...], names: Names) -> Iterator[Offer]:
    for setting in settings:
        if setting.place in OWN:
            continue
        if setting.kind in KINDS:
            yield _offer(setting, names)
        elif setting.place in EVERYWHERE:
            label, told, (low, high) = EVERYWHERE[setting.place]
            begin = {"distribution": "uniform", "low": low, "high": high}
            yield Offer(f"{setting.place}.WORLD", label, setting.unit, told, "number", begin)
        elif setting.place == "prices.factors":
            for _, goods in names.keys[setting.place]:
                for key, label in goods:
                    place, told = f"{setting.place}.{key}", f"Multiplies the price of {label[:1].lower()}{label[1:]}"
                    yield Offer(place, f"Price factor: {label}", "multiplier", told, "number", _around(1.0, 0, None))
        elif setting.kind == "windows":
            cost = next(one for one in window_settings() if one.place == "capex_factor")
            for technology in names.technologies:
                place = f"{setting.place}.{technology.name}.{cost.place}"
                yield Offer(place, f"{cost.label}: {technology.label}", cost.unit, cost.help, "number",
                            _around(1.0, 0, None))  # fmt: skip


def _offer(setting: Setting, names: Names) -> Offer:
    kind = KINDS[setting.kind]
    if setting.kind == "named":
        levels = tuple(names.named[setting.place])
    elif kind == "switch":
        levels = ("no", "yes")
    elif kind == "whole":
        levels = tuple(dict.fromkeys(str(value) for value in _steps(int(setting.default), setting)))
    else:
        levels = setting.choices
    default = float(setting.default) if kind == "number" else 0.0
    begin = (
        _around(default, setting.least, setting.most)
        if kind == "number"
        else {"distribution": "levels", "values": ", ".join(levels)}
    )
    told = f"{setting.help}; the same in all years" if setting.kind == "path" else setting.help
    return Offer(setting.place, setting.label, setting.unit, told, kind, begin)


def _around(default: float, least: float | None, most: float | None) -> dict[str, str]:
    low, high = (default * share for share in AROUND) if default else (0.0, most if most is not None else 1.0)
    low, high = min(low, high), max(low, high)
    low = low if least is None else max(low, least)
    high = high if most is None else min(high, most)
    return {"distribution": "uniform", "low": _short(low), "high": _short(high)}


def _short(value: float) -> str:
    return number_text(float(f"{value:.6g}"))


def _steps(default: int, setting: Setting) -> Iterator[int]:
    step = max(1, round(abs(default) * 0.25))
    for value in (default - step, default, default + step):
        low_enough = setting.most is None or value <= setting.most
        if low_enough and (setting.least is None or value >= setting.least):
            yield value


def label_of(place: str, names: Names) -> str:
    """A setting as the list calls it; its dotted name if it is not in there."""
    offer = by_name(names).get(place)
    return offer.label if offer else by_place()[place].label if place in by_place() else place
