"""The audit of a run law by law, worst first within each."""

from __future__ import annotations

from typing import Any

from steeliq.simulation.results.report.charts import RunTables


def laws(run: RunTables) -> list[dict[str, Any]]:
    """One row per law: checks, the worst residual with year and place, and whether all passed."""
    audit = run["audit"]
    if audit.empty:
        return []
    rows = audit.assign(rank=audit["residual"].fillna(float("inf")))
    rows = rows.sort_values(["invariant", "passed", "rank", "year"], ascending=[True, True, False, True])
    checks = rows["invariant"].value_counts().to_dict()
    return [
        {
            "law": row["invariant"], "checks": checks[row["invariant"]], "residual": f"{row['residual']:.1e}",
            "year": row["year"], "scope": row["scope"], "where": row["where"], "passed": row["passed"],
        }
        for row in rows.drop_duplicates("invariant").to_dict("records")
    ]  # fmt: skip
