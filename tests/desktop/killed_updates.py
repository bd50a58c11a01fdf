"""Kills an update before each of its steps on the disk, one after the other; prints what each kill left as JSON.

``python -m tests.desktop.killed_updates FOLDER OLD ARCHIVE SCRATCH``: FOLDER holds the kit OLD. For each number, a
child works on a copy of FOLDER and kills itself, by SIGKILL, before the step of that number; then the launcher is
asked which version it starts, and another child updates without being killed.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa  # noqa: F401 (loaded once, not in each child)

from steeliq.desktop.update import update as updates
from steeliq.desktop.update.kits import CURRENT, LAUNCHER, kits

STEPS = {
    *("os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.symlink", "os.chmod", "os.utime"),
    *("shutil.rmtree", "subprocess.Popen"),
}


def kill_before(step: int) -> None:
    """Kill this process before its change to the disk of this number."""
    done = 0

    def hear(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal done
        if event in STEPS or (event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)):
            done += 1
            if done == step:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hear)


def child(kit: Path, archive: Path, step: int) -> int:
    """Update in a child; how it ended."""
    pid = os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    code = 3
    try:
        sys.prefix = str(kit)
        if step:
            kill_before(step)
        updates.update(archive, tell=len)
        code = 0
    finally:
        os._exit(code)


def starts(folder: Path, old: str) -> str:
    """The version that a person starts: by the launcher if there is one, else by the only kit's own."""
    launcher = folder / LAUNCHER
    path = launcher if launcher.exists() else folder / old / LAUNCHER
    done = subprocess.run([str(path), "--version"], env={"PATH": ""}, capture_output=True, text=True, check=False)
    return f"{done.stdout}{done.stderr}".strip()


def state(folder: Path, old: str) -> dict[str, Any]:
    """What is to be seen from outside."""
    pointer = folder / CURRENT
    return {
        "starts": starts(folder, old),
        "current": pointer.read_text("utf-8") if pointer.exists() else None,
        "kits": [kit.folder.name for kit in kits(folder)],
        "names": sorted(path.name for path in folder.iterdir() if path.name != updates.LOCK),
    }


def main(folder: Path, old: str, archive: Path, scratch: Path) -> None:
    """Kill at each step until one is beyond the last."""
    for step in range(1, 1000):
        copy = scratch / f"é {step}"
        shutil.copytree(folder, copy, symlinks=True)
        code = child(copy / old, archive, step)
        left = state(copy, old)
        again = child(copy / old, archive, 0)
        told = {"step": step, "code": code, "left": left, "again": again, "then": state(copy, old)}
        sys.stdout.write(json.dumps(told) + "\n")
        if code == 0:
            return
        shutil.rmtree(copy)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
