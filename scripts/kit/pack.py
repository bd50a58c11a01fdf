"""From the environment to the tree that is shipped: conda-pack, then a check that all came along, then a scrub."""

from __future__ import annotations

import filecmp
import json
import shutil
from pathlib import Path
from typing import Any

from scripts.kit.files import entries, remove_empty_folders
from scripts.kit.refusal import Refused

CLOBBERED = "__clobbers__"
LOCAL = "file:///steeliq-channel"
OF_CONDA = ("bin/activate*", "bin/deactivate*", "bin/conda*", "CACHEDIR.TAG", "tmp*", "conda-meta/history")
"""What conda-pack and conda add for environments that are activated; a kit is not."""


def pack(prefix: Path, tree: Path) -> None:
    """Copy the environment at ``prefix`` into ``tree``; raises Refused if a file did not come along as it was."""
    import conda_pack  # the check below needs no tool

    shutil.rmtree(tree, ignore_errors=True)
    (prefix / "CACHEDIR.TAG").unlink(missing_ok=True)
    conda_pack.pack(prefix=str(prefix), output=str(tree), format="no-archive", force=True)
    check_complete(prefix, tree)
    for pattern in OF_CONDA:
        for path in tree.glob(pattern):
            path.unlink()
    remove_empty_folders(tree)
    for path in sorted((tree / "conda-meta").glob("*.json")):
        _scrub(path)


def check_complete(prefix: Path, tree: Path) -> None:
    """Every file that the environment's packages own is in the tree, with the same content, and none twice.

    conda-pack can end without an error and leave most of an environment behind.
    """
    wanted: dict[str, str] = {}
    for meta in sorted((prefix / "conda-meta").glob("*.json")):
        document = json.loads(meta.read_text("utf-8"))
        for name in document["files"]:
            if name in wanted:
                raise Refused(
                    f"{name}: both {wanted[name]} and {document['name']} bring this file; leave it out of one"
                )
            wanted[name] = document["name"]
    if not wanted:
        raise Refused(f"{prefix}: no package is installed there")
    lost = [name for name in sorted(wanted) if not name.endswith(".pyc") and not _is_same(prefix / name, tree / name)]
    if lost:
        raise Refused(
            f"{tree}: {len(lost)} of {len(wanted)} files of the environment are missing or differ, first {lost[0]} of "
            f"{wanted[lost[0]]}; conda-pack did not end well"
        )
    for root in (prefix, tree):
        if found := [name for name, _ in entries(root) if CLOBBERED in name.split("/")]:
            raise Refused(f"{root / found[0]}: two packages bring the same file; leave it out of one in env/kit.toml")


def _is_same(one: Path, other: Path) -> bool:
    if one.is_symlink() or other.is_symlink():
        return one.is_symlink() and other.is_symlink() and one.readlink() == other.readlink()
    return one.is_file() and other.is_file() and filecmp.cmp(one, other, shallow=False)


def _scrub(path: Path) -> None:
    """Take out of a package's record what depends on where and when it was installed."""
    record: dict[str, Any] = json.loads(path.read_text("utf-8"))
    record.pop("indexed_timestamp", None)
    record["link"] = {"source": "", "type": 1}
    record["extracted_package_dir"] = record["package_tarball_full_path"] = ""
    if str(record["url"]).startswith("file:"):
        record["channel"] = LOCAL
        record["url"] = f"{LOCAL}/{record['subdir']}/{record['fn']}"
    for entry in record["paths_data"]["paths"]:
        for name in ("sha256_in_prefix", "size_in_bytes"):  # computed anew at each installation
            entry.pop(name, None)
    path.write_text(json.dumps(record, indent=0, sort_keys=True) + "\n", "utf-8")
