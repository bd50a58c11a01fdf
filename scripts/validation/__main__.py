"""Prints how the first years compare with published figures, and rewrites the tables of docs/validation.md."""

from __future__ import annotations

import argparse
from pathlib import Path

from scripts.validation import holdout, page
from scripts.validation.presets import preset_table
from scripts.validation.solved import unmet_by_year
from scripts.validation.tables import gather, tables
from steeliq.simulation.dataset import load


def main() -> int:
    """Solve, print and, if asked, write; 1 if --check finds the page out of date."""
    parser = argparse.ArgumentParser(prog="scripts/validate", description=__doc__)
    parser.add_argument("--dataset", type=Path, help="another dataset (default: the embedded one)")
    parser.add_argument("--write", action="store_true", help="rewrite the marked tables of docs/validation.md")
    parser.add_argument("--check", action="store_true", help="fail if these tables are not current")
    parser.add_argument("--holdout", type=Path, help="the tracker's workbook: compile loads of 2019-2023 anew first")
    parser.add_argument("--presets", type=Path, help="folder with a complete run of every preset, by its name")
    parser.add_argument("--until", type=int, help="also list unmet demand to this year with nothing decided")
    options = parser.parse_args()
    dataset = load(options.dataset)
    if options.holdout:
        holdout.compiled(options.holdout, dataset).to_csv(holdout.FILE, index=False, lineterminator="\n")
    text = page.PAGE.read_text("utf-8")
    known = page.tables_in(text)
    runs = {folder.name: folder for folder in options.presets.iterdir()} if options.presets else {}
    made = {**tables(gather(dataset)), "presets": preset_table(runs) if runs else known["presets"]}
    for name, rows in made.items():
        print(f"\n{name}\n{page.markdown(rows)}", end="")
    if options.until:
        for year, unmet in unmet_by_year(dataset, 2025, options.until).items():
            print(f"unmet {year}: {unmet:.2f} Mt")
    stale = page.differences(known, made)
    if options.write:
        page.PAGE.write_text(page.rewritten(text, made), "utf-8", newline="\n")
    elif options.check and stale:
        print("\ndocs/validation.md is out of date; run scripts/validate --write:\n" + "\n".join(stale))
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
