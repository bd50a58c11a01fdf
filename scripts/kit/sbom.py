"""The kit's parts as a CycloneDX document: each package with version, licence and the hash it was checked against."""

from __future__ import annotations

import hashlib
import json
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scripts.kit.archive import Archive
from scripts.kit.files import sha256_of
from scripts.kit.interpreter import Interpreter
from scripts.kit.recipe import INTERPRETER

SPECIFICATION = "1.6"
LEVEL = "steeliq:zstd-level"


def write_sbom(
    tree: Path, archive: Archive, interpreter: Interpreter, wheels: dict[str, Path], version: str, epoch: int
) -> Path:
    """Write ``.cdx.json`` beside the archive; the same kit gives the same bytes."""
    kit = {
        "type": "application",
        "bom-ref": "steeliq",
        "name": "steeliq",
        "version": version,
        "purl": f"pkg:generic/steeliq@{version}",
        "licenses": [{"license": {"id": "Apache-2.0"}}],
        "hashes": [{"alg": "SHA-256", "content": archive.sha256}],
        "properties": [{"name": LEVEL, "value": str(archive.level)}],  # to build the same bytes again
    }
    components = [one for one in _packages(tree, wheels) if one["bom-ref"] != "steeliq"]
    components += [
        {"type": "library", "bom-ref": f"lib/{name}", "name": name, "hashes": [_hash(tree / "lib" / name)]}
        for name in sorted(interpreter.bundled)
    ]
    document = {
        "$schema": f"http://cyclonedx.org/schema/bom-{SPECIFICATION}.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": SPECIFICATION,
        "serialNumber": f"urn:uuid:{uuid.UUID(bytes=hashlib.sha256(archive.sha256.encode()).digest()[:16], version=4)}",
        "version": 1,
        "metadata": {"timestamp": datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), "component": kit},
        "components": components,
        "dependencies": [
            {"ref": "steeliq", "dependsOn": sorted(one["bom-ref"] for one in components)},
        ],
    }
    target = archive.path.with_name(archive.path.name.removesuffix(".tar.zst") + ".cdx.json")
    target.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return target


def _packages(tree: Path, wheels: dict[str, Path]) -> list[dict[str, Any]]:
    found = []
    for path in sorted((tree / "conda-meta").glob("*.json")):
        record = json.loads(path.read_text("utf-8"))
        if record["name"] == "python_abi":
            continue
        name = wheel_name(record["name"], wheels)
        component: dict[str, Any] = {
            "type": "library",
            "bom-ref": name,
            "name": name,
            "version": record["version"],
            "purl": f"pkg:{'generic' if record['name'] == INTERPRETER else 'pypi'}/{name}@{record['version']}",
        }
        if record.get("license"):
            component["licenses"] = [{"license": {"name": record["license"]}}]
        if name in wheels:
            component["hashes"] = [_hash(wheels[name])]
        found.append(component)
    return found


def wheel_name(conda: str, wheels: dict[str, Path]) -> str:
    """The name of a conda package in the Python index, if it was made from a wheel."""
    for name in (conda, conda.replace("_", "-"), conda.removeprefix("python-")):
        if name in wheels:
            return name
    return conda


def _hash(path: Path) -> dict[str, str]:
    return {"alg": "SHA-256", "content": sha256_of(path)}
