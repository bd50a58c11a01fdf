"""Writes the pages of docs/ that follow from the code and its tables.

``python -m scripts.write_docs`` rewrites them; the tests fail while they are not current.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import typer
from pydantic.fields import FieldInfo
from typer.testing import CliRunner

from scripts.data_pages import attribution, input_tables, result_tables
from steeliq.cli import app
from steeliq.simulation.scenario import Scenario
from steeliq.simulation.scenario.files import presets
from steeliq.simulation.scenario.problems import allowed, settings_of

DOCS = Path(__file__).resolve().parents[1] / "docs"
GENERATED = "<!-- Written by scripts/docs from the code; change the code, then run it. -->\n"


def pages() -> dict[Path, str]:
    """Every generated page and its text."""
    return {
        DOCS / "cli.md": command_line(),
        DOCS / "scenario.md": scenario_settings(),
        DOCS / "dataset.md": input_tables(GENERATED),
        DOCS / "results.md": result_tables(GENERATED),
        DOCS / "sources.md": attribution(GENERATED),
    }


def command_names() -> list[tuple[str, ...]]:
    """Every command as typed: the program itself, then groups and their commands."""
    root: Any = typer.main.get_command(app)
    names: list[tuple[str, ...]] = [()]
    for name, command in root.commands.items():
        names.append((name,))
        names += [(name, inner) for inner in getattr(command, "commands", {})]
    return names


def command_line() -> str:
    """The help of every command."""
    parts = [GENERATED, "# Command line\n"]
    runner = CliRunner()
    for words in command_names():
        title = " ".join(("steeliq", *words))
        shown = runner.invoke(app, [*words, "--help"], prog_name="steeliq", env={"COLUMNS": "100", "TERM": "dumb"})
        if shown.exit_code:
            raise SystemExit(f"{title} --help failed: {shown.output}")
        text = "\n".join(line.rstrip() for line in shown.output.strip().splitlines())
        parts.append(f"## {title}\n\n```text\n{text}\n```\n")
    parts.append(
        "## Exit codes\n\n0: done. 1: failed; what was computed is kept. 2: an input or folder was refused; nothing "
        "was written. 130: interrupted;\nyears that are complete are kept, `--resume` goes on.\n"
        "`verify`: 0 identical or within tolerance, 1 different, 2 nothing to verify; see [verify.md](verify.md).\n"
    )
    return "\n".join(parts)


def scenario_settings() -> str:
    """Every setting of a scenario with default, range, unit and meaning; the presets."""
    parts = [GENERATED, "# Scenario settings\n", _INTRODUCTION, "## Presets\n"]
    parts += [f"- `{preset.name}`: {preset.description}" for preset in presets()]
    parts.append("")
    group = None
    for name, field in settings_of().items():
        within = name.rpartition(".")[0]
        if within != group or group is None:
            group = within
            parts.append(_heading(within))
        parts.append(_row(name, field))
    return "\n".join(parts) + "\n"


_INTRODUCTION = """\
A scenario file is TOML and holds only what differs from the defaults below, or from the preset named by `base`:

```toml
base = "reference"
name = "carbon price 100"

[carbon]
scenario = "uniform_100"

[technologies.DRI_H2]
capex_factor = { 2025 = 1.0, 2040 = 0.8 }
```

A setting that depends on the year is a number or a table of years; years between are interpolated, years outside are
held. On the command line: `--set carbon.scenario=uniform_100`,
`--set 'scrap.factor={ 2025 = 1.0, 2050 = 0.8 }'`, and, of a path that the scenario has, one year alone:
`--set scrap.factor.2050=0.7`. `steeliq scenario schema` prints the JSON Schema.
"""

_HEAD = "| Setting | Default | Allowed | Unit | Meaning |\n| --- | --- | --- | --- | --- |"


def _heading(group: str) -> str:
    if not group:
        return f"## General\n\n{_HEAD}"
    field = Scenario.model_fields[group.partition(".")[0]]
    kind = field.annotation
    about = kind.__doc__ if isinstance(kind, type) else field.description
    return f"\n## {group}\n\n{(about or '').strip()}\n\n{_HEAD}"


def _row(name: str, field: FieldInfo) -> str:
    extra = field.json_schema_extra
    unit = str(extra.get("unit", "")) if isinstance(extra, dict) else ""
    limits = allowed(field).removesuffix(unit).strip() if unit != "1" else allowed(field)
    default = "empty" if field.default is None else f"`{json.dumps(field.default)}`"
    cells = (f"`{name}`", default, _kind(field, limits), unit, (field.description or "").replace("|", "\\|"))
    return "| " + " | ".join(cells) + " |"


def _kind(field: FieldInfo, limits: str) -> str:
    text = str(field.annotation)
    if "Literal" in text:
        return " or ".join(f"`{choice}`" for choice in getattr(field.annotation, "__args__", ()))
    if "dict" in text:
        return "number or years, by name"
    names = {
        "bool": "true or false",
        "str": "text",
        "int": "whole number",
        "float": "number",
        "Path": "number or years",
    }
    plain = field.annotation.__name__ if isinstance(field.annotation, type) else text.replace("int | None", "int")
    return f"{names.get(plain, plain)} {limits}".strip()


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8", newline="\n")
        print(path)
