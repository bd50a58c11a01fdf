"""What several commands ask for in the same words, and how they end."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

FAILED, REFUSED, INTERRUPTED = 1, 2, 130
"""Exit codes; 0 is well."""

ScenarioName = Annotated[str, typer.Argument(metavar="SCENARIO", help="A preset (see 'scenario list') or a TOML file.")]
Overrides = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change one setting, e.g. carbon.scenario=none.")
]
DatasetPath = Annotated[
    Path | None, typer.Option("--dataset", help="Dataset folder or workbook (default: the reference dataset).")
]
