"""The environment of a kit: ``environment.yml`` solved against the channel and installed, by py-rattler."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Any

import yaml
from rattler import MatchSpec, VirtualPackage, install, solve
from rattler.exceptions import SolverError
from rattler.index import index_fs

from scripts.kit.recipe import ROOT
from scripts.kit.refusal import Refused

ENVIRONMENT = ROOT / "environment.yml"
PLATFORMS = ["linux-64", "noarch"]


def read_environment(path: Path = ENVIRONMENT) -> dict[str, Any]:
    """``channels`` and ``dependencies`` of an environment file."""
    document: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return document


def install_environment(channel: Path, specifications: list[str], prefix: Path, cache: Path) -> list[str]:
    """Solve, and install into an empty ``prefix``; the packages as ``name version build``, sorted.

    Raises Refused if the channel cannot give what is asked for.
    """
    shutil.rmtree(prefix, ignore_errors=True)
    return asyncio.run(_install(channel.resolve(), specifications, prefix.resolve(), cache.resolve()))


async def _install(channel: Path, specifications: list[str], prefix: Path, cache: Path) -> list[str]:
    await index_fs(channel)
    try:
        records = await solve(
            [channel.as_uri()],
            [MatchSpec(one) for one in specifications],
            platforms=PLATFORMS,
            virtual_packages=VirtualPackage.detect(),
        )
    except SolverError as error:
        raise Refused(f"{ENVIRONMENT}: the channel {channel} cannot give what is asked for:\n{error}") from error
    await install(sorted(records, key=str), target_prefix=str(prefix), cache_dir=str(cache), show_progress=False)
    return sorted(f"{one.name.normalized} {one.version} {one.build}" for one in records)
