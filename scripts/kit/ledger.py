"""The ledger of the local channel: the SHA-256 of each package, checked before anything is solved.

py-rattler does not check packages of ``file://`` channels.
"""

from __future__ import annotations

import json
from pathlib import Path

from scripts.kit.files import sha256_of
from scripts.kit.refusal import Refused

LEDGER = "steeliq-packages.json"


def verify_channel(folder: Path) -> dict[str, str]:
    """The ledger, each package hashed against it; raises Refused for one that is missing, changed or too many."""
    try:
        ledger: dict[str, str] = json.loads((folder / LEDGER).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise Refused(
            f"{folder / LEDGER}: the channel's list of packages cannot be read ({error}); build it anew"
        ) from error
    there = {path.relative_to(folder).as_posix() for path in folder.glob("*/*.conda")}
    for name in sorted(there | ledger.keys()):
        if name not in there:
            raise Refused(f"{folder / name}: this package of the channel is missing; build the channel anew")
        if name not in ledger:
            raise Refused(f"{folder / name}: a package that the channel's list does not name; delete it")
        if (digest := sha256_of(folder / name)) != ledger[name]:
            raise Refused(
                f"{folder / name}: its SHA-256 is {digest} instead of {ledger[name]}; it was changed since. "
                "Build the channel anew"
            )
    return ledger
