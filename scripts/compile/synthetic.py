"""What the tracker understates: nameplates that are too small, and plants that are too small to be listed."""

from __future__ import annotations

import pandas as pd

from steeliq.simulation.dataset.gem import campaign_start, draw, units

FULL_LOAD = 0.85  # production / capacity that a country is taken to have reached in 2024
UNDERSTATED = 1.25  # a BOF shortfall up to this is a nameplate problem: such shops are too large to be missed
CLEARLY_UNDERSTATED = frozenset({"DZA"})  # El Hadjar: 0.35 Mt of BOF listed beside 1.5 Mt of blast furnaces
NEGLIGIBLE = 0.005  # of the nameplate
SMALLEST = 2.0e4  # t/yr
BURDEN = 0.92  # t of hot metal per t of BOF capacity at a site with its own blast furnaces
LARGEST_FACTOR = 2.0
HOT_METAL_CHINA = 852e6  # t in 2024 (worldsteel)
# Steel from scrap and sponge iron is made in induction furnaces here, in arc furnaces elsewhere.
INDUCTION = frozenset(
    {"AFG", "AGO", "BGD", "CIV", "CMR", "ETH", "GHA", "IDN", "IND", "KEN", "KHM", "LKA", "MMR", "MNG"}
    | {"NGA", "NPL", "PAK", "PHL", "SDN", "SEN", "TZA", "UGA", "VNM", "YEM", "ZMB", "ZWE"}
)
OHF_COUNTRIES = frozenset({"BRA", "PRK", "RUS", "UKR", "UZB"})  # elsewhere 'other' means induction furnaces
CLOSED = frozenset({"CHL"})  # Huachipato's BOF shop stopped in September 2024
# t in 2024: Midrex; India by reductant is an estimate
DIRECT_REDUCTION = {
    ("IND", "DRI_COAL"): 43.5e6,
    ("IND", "DRI_GAS"): 11.2e6,
    ("IRN", "DRI_GAS"): 34.1e6,
    ("RUS", "DRI_GAS"): 8.0e6,
    ("SAU", "DRI_GAS"): 6.6e6,
    ("EGY", "DRI_GAS"): 6.4e6,
}


def capacity_2024(groups: pd.DataFrame) -> pd.Series:
    """Listed capacity that could produce in 2024, t/yr by (country, technology): starters of 2024 count half."""
    running = groups[(groups["status"] == "operating") & (groups["start_year"] <= 2024)]
    usable = running["capacity"].where(running["start_year"] < 2024, running["capacity"] / 2)
    return usable.groupby([running["country"], running["technology"]]).sum()


def capacity_factors(groups: pd.DataFrame, made: pd.DataFrame) -> pd.Series:
    """Correction of understated nameplates, one per row of ``groups`` (with country): 1 if none.

    BOF shops of a country whose 2024 production is more than 85 % of their capacity (up to a factor of 1.25) are
    scaled to it, China's blast furnaces to its hot metal; then blast furnaces are raised to 92 % of the BOF shop at
    their own site, at most to twice their nameplate.
    """
    have = capacity_2024(groups)
    factor = pd.Series(1.0, index=groups.index)
    running = groups["status"] == "operating"
    for country, steel in made.set_index("country")["bof"].items():
        listed = float(have.get((country, "BOF"), 0.0))
        ratio = steel / FULL_LOAD / listed if listed > 0 else 0.0
        if 1.0 < ratio <= UNDERSTATED or (ratio > 1.0 and country in CLEARLY_UNDERSTATED):
            shops = running & (groups["country"] == country) & (groups["technology"] == "BOF")
            factor[shops] = min(ratio, LARGEST_FACTOR)
    chinese = running & (groups["country"] == "CHN") & (groups["technology"] == "BF")
    factor[chinese] = HOT_METAL_CHINA / FULL_LOAD / groups.loc[chinese, "capacity"].sum()
    usable = groups["capacity"] * factor
    by_site = usable[running].groupby([groups["plant"], groups["technology"]]).sum().unstack().fillna(0.0)
    short = by_site[(by_site["BF"] > 0) & (by_site["BF"] + by_site["SR"] < BURDEN * by_site["BOF"])]
    raised = (BURDEN * short["BOF"] - short["SR"]) / short["BF"]
    at_site = running & (groups["technology"] == "BF") & groups["plant"].isin(raised.index)
    factor[at_site] = (factor[at_site] * groups.loc[at_site, "plant"].map(raised)).clip(upper=LARGEST_FACTOR)
    return factor.where(factor > 1.0 + NEGLIGIBLE, 1.0).round(4)


def shortfalls(groups: pd.DataFrame, made: pd.DataFrame) -> pd.DataFrame:
    """Unlisted capacity: country, technology, capacity (t/yr), from 2024 production / 0.85 less what is listed.

    An unlisted BOF shop comes with the blast furnace that feeds it.
    """
    have = capacity_2024(groups.assign(capacity=groups["capacity"] * groups["capacity_factor"]))

    def listed(country: str, *technologies: str) -> float:
        return sum(float(have.get((country, technology), 0.0)) for technology in technologies)

    rows: list[tuple[str, str, float]] = []
    for row in made.itertuples(index=False):
        country = str(row.country)
        other = float(str(row.ohf))
        open_hearth = other if country in OHF_COUNTRIES else 0.0
        electric = (float(str(row.eaf)) + other - open_hearth) / FULL_LOAD
        converters = 0.0 if country in CLOSED else float(str(row.bof)) / FULL_LOAD - listed(country, "BOF")
        rows.append((country, "IF" if country in INDUCTION else "EAF", electric - listed(country, "EAF", "IF")))
        rows.append((country, "OHF", open_hearth / FULL_LOAD - listed(country, "OHF")))
        rows.append((country, "BOF", converters))
        rows.append((country, "BF", BURDEN * converters))
    for (country, technology), iron in DIRECT_REDUCTION.items():
        rows.append((country, technology, iron / FULL_LOAD - listed(country, technology)))
    table = pd.DataFrame(rows, columns=["country", "technology", "capacity"])
    return table[table["capacity"] >= SMALLEST].sort_values(["country", "technology"], ignore_index=True)


def synthetic_groups(short: pd.DataFrame) -> pd.DataFrame:
    """Furnace groups of at most 4 Mt at the stand-in plant `SYN-<ISO3>` for each shortfall."""
    built = []
    for row in short.itertuples(index=False):
        plant, technology = f"SYN-{row.country}", str(row.technology)
        sizes = units(round(float(str(row.capacity)), -3))
        for index, size in enumerate(sizes):
            key = f"{plant}-{technology}-{index + 1}"
            started = draw(key, "start", 2000, 2013)
            campaign = campaign_start(key, started, index, len(sizes))
            built.append((key, plant, technology, float(size), 1.0, "operating", started, campaign, row.country))
    columns = ["furnace_group", "plant", "technology", "capacity", "capacity_factor", "status"]
    return pd.DataFrame(built, columns=[*columns, "start_year", "campaign_start", "country"])
