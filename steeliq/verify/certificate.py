"""The certificate of a verification: one page and one JSON file, for whoever has to trust a run.

It says what was repeated, with what, and how every table compares, with sums that anybody can recompute. It is no
signature: whoever doubts it repeats the run.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any, Final

from steeliq.atomic import write_text_atomically
from steeliq.errors import RunError
from steeliq.simulation.results.fingerprint import full_hash, short_hash
from steeliq.verify.compare import Compared, Difference
from steeliq.verify.verdict import Sums, Verdict

FORMAT: Final = 1
KIND: Final = "steeliq-certificate"
NAME: Final = "certificate"

CHECK: Final = (
    "Each table's sum is the SHA-256 of what sha256sum prints for its files: in the run's folder, "
    "“cd tables/production && sha256sum *.parquet | sha256sum”. The sum of all tables is the SHA-256 of the lines "
    "“SUM  TABLE” (two blanks), one for each table in the order of their names. To repeat all of it: “steeliq verify” "
    "with the run's folder or bundle."
)


def document_of(verdict: Verdict, now: datetime) -> dict[str, Any]:
    """The certificate as a JSON document."""
    run = verdict.stored
    return {
        "kind": KIND,
        "format": FORMAT,
        "outcome": verdict.outcome.value,
        "headline": verdict.headline,
        "sentence": verdict.sentence,
        "date": now.astimezone(UTC).isoformat(timespec="seconds"),
        "compared": "within tolerance" if verdict.why_not_strictly else "bit for bit",
        "why_not_bit_for_bit": list(verdict.why_not_strictly),
        "run": {
            "name": verdict.name,
            "scenario": run["scenario"].get("name", ""),
            "years": run["years"],
            "seed": run["seed"],
            "hash": full_hash(run),
            "short_hash": short_hash(run),
            "record_sha256": verdict.record_sum,
            "started": run["started"],
            "dataset": run["dataset"],
            "inputs": run.get("inputs", {}),
        },
        "made_with": _made_with(run),
        "repeated_with": _made_with(verdict.again),
        "seconds": round(verdict.seconds, 1),
        "total": _sums(verdict.total),
        "tables": {table.table: _table(table, verdict.sums[table.table]) for table in verdict.tables},
        "changed_after_recording": list(verdict.altered),
        "first_difference": _difference(verdict.first),
        "largest_difference": _difference(verdict.largest),
        "how_to_check": CHECK,
    }


def _made_with(run: Mapping[str, Any]) -> dict[str, Any]:
    names = ("code", "identity", "kit", "python", "packages", "platform", "solver")
    return {name: run[name] for name in names if run.get(name)}


def _sums(sums: Sums) -> dict[str, str]:
    return {"recorded": sums.recorded, "stored": sums.stored, "repeated": sums.again}


def _table(table: Compared, sums: Sums) -> dict[str, Any]:
    return {
        "sha256": _sums(sums),
        "files": table.files,
        "differing_values": table.differing,
        "beyond_tolerance": table.beyond,
        "tolerance": table.tolerance,
        "largest_difference": _difference(table.largest),
        "first_difference": _difference(table.first),
    }


def _difference(found: Difference | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "table": found.table,
        "year": found.year,
        "row": dict(found.row),
        "column": found.column,
        "stored": found.stored,
        "repeated": found.again,
        "relative": found.size if found.size < float("inf") else None,
    }


def write_certificate(verdict: Verdict, folder: Path, *, prefix: str = "", now: datetime | None = None) -> Path:
    """Write the page and the JSON file into ``folder``; the path of the page. ``prefix`` begins both names."""
    document = document_of(verdict, now or datetime.now(UTC))
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    write_text_atomically(folder / f"{prefix}{NAME}.json", text)
    page = folder / f"{prefix}{NAME}.html"
    write_text_atomically(page, page_of(document, hashlib.sha256(text.encode()).hexdigest()))
    return page


def read_certificate(folder: Path) -> dict[str, Any] | None:
    """The newest certificate of a run folder; None if there is none. RunError if it cannot be read."""
    path = folder / f"{NAME}.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise RunError(f"{path}: this certificate cannot be read ({error}); verify the run again") from error
    if not isinstance(found, dict) or found.get("kind") != KIND or found.get("format") not in range(FORMAT + 1):
        raise RunError(f"{path}: this is no certificate that this version of steeliq reads; verify the run again")
    try:
        datetime.fromisoformat(found["date"])
        str(found["run"]["record_sha256"])
    except (LookupError, TypeError, ValueError) as error:
        raise RunError(f"{path}: this certificate is damaged ({error}); verify the run again") from error
    return found


def page_of(document: Mapping[str, Any], digest: str) -> str:
    """The certificate as one self-contained page; ``digest`` is the SHA-256 of the JSON file."""
    template = Template(files("steeliq.verify").joinpath("certificate.html").read_text(encoding="utf-8"))
    run, kind = document["run"], {"identical": "good", "different": "bad"}.get(document["outcome"], "near")
    reasons = document["why_not_bit_for_bit"]
    return template.substitute(
        kind=kind,
        headline=escape(document["headline"]),
        sentence=escape(document["sentence"]),
        title=escape(str(run["name"])),
        compared=escape(
            "Every bit had to agree: same program, packages and kind of machine as then."
            if not reasons
            else "Not every bit had to agree, since something differs from then (" + "; ".join(reasons) + "): texts, "
            "whole numbers and decisions had to be the same, numbers within each table's tolerance."
        ),
        date=escape(_day(document["date"])),
        facts=_facts(document),
        machines=_machines(document["made_with"], document["repeated_with"]),
        differences=_differences(document),
        rows=_rows(document),
        check=escape(document["how_to_check"]),
        digest=digest,
    )


def _day(text: str) -> str:
    return datetime.fromisoformat(text).strftime("%Y-%m-%d %H:%M UTC")


def _facts(document: Mapping[str, Any]) -> str:
    run, total = document["run"], document["total"]
    facts = [
        ("Scenario", escape(str(run["scenario"]))),
        ("Years", escape("{}–{}".format(*run["years"]))),
        ("Seed", escape(str(run["seed"]))),
        ("Run hash", _code(run["hash"])),
        ("SHA-256 of run.json", _code(run["record_sha256"])),
        ("Dataset", f"{escape(str(run['dataset']['name']))} {_code(run['dataset']['hash'])}"),
        ("All tables, in the run", _code(total["stored"])),
        ("All tables, repeated", _code(total["repeated"])),
        (
            "All tables, in the run's record",
            _code(total["recorded"] or "not recorded by the version that made the run"),
        ),
        ("Verified", f"{escape(_day(document['date']))}, in {document['seconds']:.1f} s"),
    ]
    return "".join(f"<tr><th scope=row>{name}</th><td>{value}</td></tr>" for name, value in facts)


def _code(text: str) -> str:
    return f"<code>{escape(text)}</code>"


def _machines(then: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    rows = []
    for name, of in (
        ("steeliq", _program),
        ("Code", lambda one: str(one.get("identity", {}).get("code", ""))[:16]),
        (
            "Kit",
            lambda one: " ".join((one.get("kit", {}).get("name", ""), one.get("kit", {}).get("manifest", "")[:16])),
        ),
        ("Lock of packages", lambda one: str(one.get("code", {}).get("environment", ""))[:16]),
        ("Python", lambda one: str(one.get("python", ""))),
        ("Packages", lambda one: ", ".join(f"{key} {value}" for key, value in one.get("packages", {}).items())),
        ("System", lambda one: str(one.get("platform", {}).get("system", ""))),
        ("CPU features", lambda one: " ".join(one.get("platform", {}).get("cpu_features", []))),
        ("Solver", lambda one: _solver(one.get("solver", {}))),
    ):
        both = [of(one).strip() for one in (then, now)]
        if any(both):
            mark = "" if both[0] == both[1] else " class=other"
            cells = "".join(f"<td>{escape(text) or '–'}</td>" for text in both)
            rows.append(f"<tr{mark}><th scope=row>{name}</th>{cells}</tr>")
    return "".join(rows)


def _program(one: Mapping[str, Any]) -> str:
    code = one.get("code", {})
    return f"{code.get('version', '')} {str(code.get('commit', ''))[:12]}"


def _solver(solver: Mapping[str, Any]) -> str:
    if not solver:
        return ""
    options = ", ".join(f"{key} {value}" for key, value in solver.get("options", {}).items())
    return f"{solver.get('name')} {solver.get('version')}: {options}"


def _differences(document: Mapping[str, Any]) -> str:
    told: list[tuple[str, Iterable[str]]] = []
    if found := document["first_difference"]:
        told.append(("First difference", _told(found)))
    if (found := document["largest_difference"]) and found["relative"] and found != document["first_difference"]:
        told.append(("Largest difference of a number", (*_told(found), f"relative difference {found['relative']:.2e}")))
    if changed := document["changed_after_recording"]:
        text = "The files of these tables are not those that the run's record was written for: "
        told.append(("Changed after the run was recorded", (text + ", ".join(changed),)))
    return "".join(
        f"<div class=difference><h2>{name}</h2>{''.join(f'<p>{escape(line)}</p>' for line in lines)}</div>"
        for name, lines in told
    )


def _told(found: Mapping[str, Any]) -> tuple[str, ...]:
    row = ", ".join(f"{name} {value or '(none)'}" for name, value in found["row"].items() if name != "year")
    place = f"Table {found['table']}, {found['year']}"
    return (
        place + (f", row {row}" if row else "") + (f", column {found['column']}" if found["column"] else ""),
        f"in the run: {found['stored']}",
        f"repeated: {found['repeated']}",
    )


def _rows(document: Mapping[str, Any]) -> str:
    rows = []
    for name, table in document["tables"].items():
        sums, largest = table["sha256"], table["largest_difference"]
        state = "same bits" if not table["differing_values"] else "within tolerance"
        state = f"{table['beyond_tolerance']:,} values differ" if table["beyond_tolerance"] else state
        mark = "bad" if table["beyond_tolerance"] else "good" if not table["differing_values"] else "near"
        size = f"{largest['relative']:.1e}" if largest and largest["relative"] else "–"
        shown = _code(sums["stored"])
        if sums["stored"] != sums["repeated"]:
            shown += f"<br>repeated {_code(sums['repeated'])}"
        if sums["recorded"] and sums["recorded"] != sums["stored"]:
            shown += f"<br>recorded {_code(sums['recorded'])}"
        rows.append(
            f"<tr><th scope=row>{escape(name)}</th><td class={mark}>{state}</td><td>{size}</td>"
            f"<td>{table['tolerance']:.0e}</td><td>{shown}</td></tr>"
        )
    return "".join(rows)
