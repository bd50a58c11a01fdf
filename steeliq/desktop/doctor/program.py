"""The program itself: Python, its packages against the lock, the kit's files, and whether the libraries load."""

from __future__ import annotations

import platform
import re
import struct
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import steeliq
from steeliq.desktop.asking import ask
from steeliq.desktop.doctor.findings import Finding, a_few, ok, problem, warning
from steeliq.desktop.kit_manifest import KitError, compare, read_manifest

OLDEST = (3, 12)
PACKAGE = Path(steeliq.__file__).resolve().parent
LIBRARIES = ("numpy", "pandas", "pyarrow", "highspy", "django", "waitress")
"""What a run and its pages cannot do without; each loads compiled code or pulls in what does."""

_PIN = re.compile(r"^([A-Za-z0-9][\w.-]*)==([^\s;\\]+)\s*(?:;\s*([^\\]+))?")


def python() -> Finding:
    """Version and kind of the interpreter."""
    bits = 8 * struct.calcsize("P")
    found = f"{platform.python_version()}, {bits}-bit, {sys.executable}"
    if sys.version_info < OLDEST:
        return problem(found, "Install Python 3.12 or newer, or use the kit, which brings its own.")
    if bits < 64:
        return problem(found, "Install a 64-bit Python, or use the kit, which brings its own.")
    return ok(found)


def lock_file() -> Path | None:
    """The lock that these packages were installed from: kept beside them, else the checkout's."""
    for path in (Path(sys.prefix) / "runtime.lock", PACKAGE.parent / "env" / "runtime.lock"):
        if path.is_file():
            return path
    return None


def locked(text: str) -> dict[str, str]:
    """Packages and versions that a lock asks for on this platform."""
    wanted = {}
    for line in text.splitlines():
        pin = _PIN.match(line)
        if pin and (not pin[3] or _applies(pin[3])):
            wanted[pin[1]] = pin[2]
    return wanted


def _applies(marker: str) -> bool:
    from packaging.markers import Marker

    return Marker(marker.strip()).evaluate()


def packages() -> Finding:
    """Installed versions against the lock."""
    lock = lock_file()
    again = "Unpack the kit again into a new folder; from a checkout, run scripts/setup."
    if lock is None:
        return ok(f"steeliq {steeliq.__version__}; there is no lock here to compare with")
    wanted = locked(lock.read_text("utf-8"))
    missing, other = [], []
    for name, asked in sorted(wanted.items()):
        try:
            found = version(name)
        except PackageNotFoundError:
            missing.append(f"{name} {asked}")
            continue
        if found != asked:
            other.append(f"{name} {found} instead of {asked}")
    if missing:
        return problem(f"missing: {a_few(missing)}", again, *missing, *other)
    if other:
        told = f"{len(other)} of {len(wanted)} packages have another version than the lock: {a_few(other)}"
        return warning(told, f"Results may differ from those of the released version. {again}", *other)
    return ok(f"steeliq {steeliq.__version__} with {len(wanted)} packages, all as in the lock")


def kit(*, full: bool) -> Finding:
    """The unpacked kit against its list of files."""
    root = Path(sys.prefix)
    again = "Unpack the archive again into a new, empty folder and start that one; your data lie elsewhere and stay."
    try:
        manifest = read_manifest(root)
    except KitError as error:
        return problem(str(error), again)
    if manifest is None:
        return ok("not started from a kit")
    found = compare(root, manifest, full=full)
    details = [
        f"{word}: {name}"
        for word, names in (("missing", found.missing), ("changed", found.changed))
        for name in names[:200]
    ]
    if not found.is_whole:
        told = [
            f"{word}: {a_few(names)}"
            for word, names in (("missing", found.missing), ("changed", found.changed))
            if names
        ]
        return problem(f"{root}: damaged; {'; '.join(told)}", again, *details)
    how = "contents compared" if full else "sizes compared"
    if found.extra:
        told_extra = f"{found.looked_at:,} files are as they were made ({how}); {len(found.extra)} others are there too"
        remedy = "Keep your own files out of the kit's folder: a newer version replaces it."
        return warning(told_extra, remedy, own=found.extra[:200])
    return ok(f"{found.looked_at:,} files are as they were made ({how})")


def libraries(timeout: float = 60.0) -> Finding:
    """Whether compiled libraries load; a child tries, since a processor or a file may be unfit for them."""
    answer = ask("-c", f"import {', '.join(LIBRARIES)}", timeout=timeout)
    if answer.code == 0:
        return ok(f"{', '.join(LIBRARIES)} load")
    last = answer.err.strip().rpartition("\n")[2][:300]
    if answer.code is not None and "SIGILL" in answer.end:
        return problem("a library uses instructions that this processor lacks", "Use a machine made after about 2012.")
    return problem(
        f"the libraries do not load: the trial {answer.end}{f' ({last})' if last else ''}",
        "Unpack the kit again into a new folder (from a checkout: delete .venv and run scripts/setup); if a virus "
        "scanner took a file away, let it pass.",
        *answer.err.strip().splitlines()[-20:],
    )
