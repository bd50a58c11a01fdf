"""The app's own wheel, the same bytes every time: ``python -m scripts.kit.wheel --out FOLDER``."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from scripts.kit.files import sha256_of
from scripts.kit.recipe import ROOT, read_recipe
from scripts.kit.refusal import Refused


def build_wheel(out: Path, epoch: int) -> Path:
    """Build the wheel of this checkout into ``out``; all its files bear the time ``epoch`` [s since 1970]."""
    out.mkdir(parents=True, exist_ok=True)
    for old in out.glob("steeliq-*.whl"):
        old.unlink()
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out.resolve())],
        cwd=ROOT, env=os.environ | {"SOURCE_DATE_EPOCH": str(epoch)}, check=False, capture_output=True, text=True,
    )  # fmt: skip
    wheels = list(out.glob("steeliq-*.whl"))
    if done.returncode or len(wheels) != 1:
        raise Refused(
            f"{ROOT}: the app's own wheel could not be built:\n{(done.stderr or done.stdout).strip()[-2000:]}"
        )
    return wheels[0]


def main() -> int:
    """Build it and print its hash."""
    parser = argparse.ArgumentParser(prog="python -m scripts.kit.wheel", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    try:
        wheel = build_wheel(parser.parse_args().out, read_recipe().epoch)
    except Refused as error:
        print(f"scripts/build-kit: {error}", file=sys.stderr)
        return 3
    print(f"{sha256_of(wheel)}  {wheel}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
