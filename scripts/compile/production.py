"""Crude steel made in 2024 by country and process: worldsteel's countries and its 'Others' rows split by country."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from pathlib import Path

import pandas as pd

DATA = Path(__file__).parent / "data"
PROCESSES = ("bof", "eaf", "ohf")
INDICATORS = ("crude_steel", "crude_steel_bof", "crude_steel_eaf", "crude_steel_ohf")
YEAR = 2024


def production(reference: Path) -> pd.DataFrame:
    """Columns country, crude_steel, bof, eaf, ohf ('OHF and other'), all t, and source and quality; 2024.

    Countries inside an 'Others' row get assumed totals (data/others.csv: national totals where known, else in
    proportion to listed capacity) scaled process by process, so that each row's sums hold; their crude steel is scaled
    to the row's total, which worldsteel rounds apart from the processes.
    """
    listed = pd.read_csv(
        reference / "production" / "worldsteel_route_mix_2024.csv", keep_default_na=False, na_values=[""]
    )
    listed = listed.rename(
        columns={"production_mt": "crude_steel", "bof_Mt": "bof", "eaf_Mt": "eaf", "ohf_other_Mt": "ohf"}
    )
    own = listed[~listed["is_regional_aggregate"]].drop(columns="country").rename(columns={"iso3": "country"})
    own = own.assign(source="worldsteel-wsif-2025", quality=own["is_estimate"].map({True: "B", False: "A"}))
    rows = listed[listed["country"].str.contains("Other") & (listed["country"] != "Other Europe")]
    columns = ["crude_steel", *PROCESSES]
    totals = {str(name): part.iloc[0].to_dict() for name, part in rows.groupby("country")[columns]}
    shares = pd.read_csv(DATA / "others.csv").rename(columns={"other": "ohf"}).fillna(dict.fromkeys(PROCESSES, 0.0))
    split = [_split(part, totals[str(row)]) for row, part in shares.groupby("row")]
    table = pd.concat([own, *split], ignore_index=True)
    table[columns] = (table[columns] * 1e6).round(0)
    return table[["country", *columns, "source", "quality"]].sort_values("country", ignore_index=True)


def _split(part: pd.DataFrame, total: Mapping[Hashable, float]) -> pd.DataFrame:
    part = part.copy()
    for process in PROCESSES:
        assumed = part[process].sum()
        part[process] *= total[process] / assumed if assumed > 0 else 0.0
    made = part[list(PROCESSES)].sum(axis=1)
    part["crude_steel"] = made * total["crude_steel"] / made.sum()
    return part.assign(source="worldsteel-others-split", quality="E")


def statistics(reference: Path) -> pd.DataFrame:
    """The `statistics` table: crude steel of 2024 by country, in total and by process, t."""
    made = production(reference)
    made = made.rename(columns={process: f"crude_steel_{process}" for process in PROCESSES})
    rows = made.melt(
        id_vars=["country", "source", "quality"], value_vars=list(INDICATORS), var_name="indicator", value_name="value"
    )
    return rows.assign(year=YEAR)[["indicator", "country", "year", "value", "source", "quality"]]
