"""conda-forge, for maintainers with a network: ``scripts/lock-conda`` pins its packages; nothing is built without."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from scripts.kit.environment import PLATFORMS, read_environment
from scripts.kit.ledger import verify_channel
from scripts.kit.recipe import ROOT
from scripts.kit.refusal import Refused

LOCK = ROOT / "env" / "conda-linux-64.json"
LOCAL = ROOT / "dist" / "channel"


def read_conda_lock(channel: str) -> list[dict[str, str]]:
    """The pinned packages; raises Refused if there are none, for then nothing may be built from ``channel``."""
    try:
        document: dict[str, Any] = json.loads(LOCK.read_text("utf-8"))
    except FileNotFoundError as error:
        raise Refused(
            f"there is no {LOCK.relative_to(ROOT)}, which pins every package of {channel} by hash, and nothing is "
            "built without it. Make it with scripts/lock-conda on a machine that reaches the channel, or leave out "
            "--channel to build from the wheels of env/*.lock"
        ) from error
    except (OSError, ValueError) as error:
        raise Refused(f"{LOCK}: the lock cannot be read ({error}); make it anew with scripts/lock-conda") from error
    if document.get("channel") != channel:
        raise Refused(f"{LOCK}: it pins packages of {document.get('channel')!r}, not of {channel!r}; name that channel")
    packages: list[dict[str, str]] = document["packages"]
    return packages


def write_conda_lock(channel: str) -> Path:
    """Solve ``environment.yml`` and write the lock; raises Refused if that is not possible here."""
    from rattler import MatchSpec, VirtualPackage, solve
    from rattler.exceptions import FetchRepoDataError, GatewayError, InvalidChannelError, SolverError
    from rattler.index import index_fs

    verify_channel(LOCAL)
    asked = [MatchSpec(one) for one in read_environment()["dependencies"]]

    async def found() -> list[Any]:
        await index_fs(LOCAL)
        machine = VirtualPackage.detect()
        return list(await solve([LOCAL.as_uri(), channel], asked, platforms=PLATFORMS, virtual_packages=machine))

    try:
        records = asyncio.run(found())
    except SolverError as error:
        raise Refused(f"environment.yml: {channel} cannot give what is asked for:\n{error}") from error
    except (GatewayError, FetchRepoDataError, InvalidChannelError, OSError) as error:
        raise Refused(
            f"{channel}: it cannot be read from here ({error}); run this where the channel is reached"
        ) from error
    packages = [
        {"name": one.name.normalized, "version": str(one.version), "build": one.build, "subdir": one.subdir,
         "sha256": one.sha256.hex()}
        for one in records
    ]  # fmt: skip
    packages.sort(key=lambda one: one["name"])
    partial = LOCK.with_name(f".{LOCK.name}.partial")
    with partial.open("w", encoding="utf-8") as stream:
        json.dump({"channel": channel, "packages": packages}, stream, indent=1)
        stream.write("\n")
        stream.flush()
        os.fsync(stream.fileno())
    partial.replace(LOCK)
    return LOCK


def main() -> int:
    """``scripts/lock-conda``."""
    parser = argparse.ArgumentParser(prog="scripts/lock-conda", description=__doc__)
    parser.add_argument("--channel", default="conda-forge", metavar="NAME")
    try:
        print(write_conda_lock(parser.parse_args().channel))
    except Refused as error:
        print(f"scripts/lock-conda: {error}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
