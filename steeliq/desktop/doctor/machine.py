"""The machine: memory, processor, language, clock, the way to itself, and processes that should not be there."""

from __future__ import annotations

import locale
import os
import platform
import socket
import sys
import time
from contextlib import suppress
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from urllib.request import getproxies, proxy_bypass

from steeliq.desktop.doctor.findings import Finding, a_few, ok, problem, warning

ENOUGH_MB = 2000.0
"""Memory of a machine [MB] with which window, server and one run are at ease."""

FREE_MB = 1100.0
"""Free memory [MB] that a run of unknown data waits for."""

LOOPBACK = "127.0.0.1"
INSTRUCTIONS = ("cx16", "popcnt", "pni", "ssse3", "sse4_1", "sse4_2")
"""x86-64-v2, which compiled libraries are made for; pni is SSE3."""

FIRST_YEAR = 2025  # no clock of a machine that runs this is right before


def memory() -> Finding:
    """Memory in all and free."""
    import psutil

    now = psutil.virtual_memory()
    found = f"{now.total / 1e9:.1f} GB, {now.available / 1e9:.1f} GB free"
    if now.total / 1e6 < ENOUGH_MB:
        return warning(found, "Run one simulation at a time and close other programs.")
    if now.available / 1e6 < FREE_MB:
        return warning(found, "Close other programs: a run waits until enough memory is free.")
    return ok(found)


def processor() -> Finding:
    """Cores, and instructions that compiled libraries need."""
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    found = f"{cores} core{'s' if cores > 1 else ''}, {platform.machine()}"
    lacking = _lacking_instructions()
    if lacking:
        return problem(f"{found}; it lacks {', '.join(lacking)}", "Use a machine made after about 2012.")
    if cores == 1:
        return warning(found, "Runs are possible but slow: the solver likes a second core.")
    return ok(found)


def _lacking_instructions() -> list[str]:
    """Instructions that the processor does not report (Linux on x86-64; elsewhere the trial of libraries tells)."""
    if platform.machine() not in {"x86_64", "AMD64"}:
        return []
    with suppress(OSError):
        text = Path("/proc/cpuinfo").read_text("utf-8", "replace")
        flags = next((line for line in text.splitlines() if line.startswith("flags")), "").split()
        return [name for name in INSTRUCTIONS if flags and name not in flags]
    return []


def language_and_clock() -> Finding:
    """Text encoding, language, time zone and a clock that can be right."""
    now = datetime.now().astimezone()
    names, files = locale.getpreferredencoding(do_setlocale=False), sys.getfilesystemencoding()
    tongue = locale.getlocale()[0] or "C"
    found = f"{tongue}, {names}; {now:%Y-%m-%d %H:%M} {now.tzname()} (UTC{now:%z})"
    if now.year < FIRST_YEAR:
        return warning(found, "Set this machine's clock: dates of runs and backups follow it.")
    if files.lower().replace("-", "") != "utf8":
        return warning(
            f"{found}; file names are {files}", "Set LANG to a UTF-8 locale, such as C.UTF-8 or en_GB.UTF-8."
        )
    return ok(found)


def loopback(timeout: float = 3.0) -> Finding:
    """Whether this machine can be reached from itself, and whether a proxy would come between."""
    firewall = f"Let programs on this machine talk to {LOOPBACK}: look at the firewall or security software."
    try:
        with socket.create_server((LOOPBACK, 0)) as server:
            server.settimeout(timeout)
            with socket.create_connection(server.getsockname(), timeout=timeout) as caller:
                answered, _address = server.accept()
                with answered:
                    caller.sendall(b"steeliq")
                    answered.settimeout(timeout)
                    heard = answered.recv(7)
    except OSError as error:
        return problem(f"{LOOPBACK} does not answer ({error})", firewall)
    if heard != b"steeliq":
        return problem(f"{LOOPBACK} answers with something else", firewall)
    proxies = sorted(kind for kind in getproxies() if kind in {"http", "all"})
    if proxies and not proxy_bypass(LOOPBACK):
        return warning(
            f"{LOOPBACK} answers, but a proxy is set for every address ({', '.join(proxies)})",
            f"Exempt this machine: set NO_PROXY={LOOPBACK},localhost, or the same in the system's proxy settings.",
        )
    return ok(f"{LOOPBACK} answers" + ("; the proxy is passed by" if proxies else ""))


def processes() -> Finding:
    """Processes of steeliq, and those whose parent is gone."""
    import psutil

    me, working, orphans = os.getpid(), 0, []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            module = steeliq_module(process.cmdline())
            mine = process.pid == me or process.status() == psutil.STATUS_ZOMBIE
            if not module or mine or process.username() != psutil.Process(me).username():
                continue
            working += 1
            if module.startswith("steeliq.") and not _has_parent(process):
                age = (time.time() - process.create_time()) / 60
                orphans.append(f"process {process.pid} ({module}, {age:,.0f} min old)")
    if orphans:
        end = "taskkill /F /PID" if os.name == "nt" else "kill"
        return warning(
            f"left behind by a steeliq that is gone: {a_few(orphans)}",
            f"End them: {end} {' '.join(one.split()[1] for one in orphans)}",
            *orphans,
        )
    return ok(f"{working} of steeliq at work, none left behind" if working else "steeliq is not running")


def steeliq_module(command: list[str]) -> str:
    """What of steeliq a command line runs: a module of its own, ``steeliq`` by its commands, or nothing.

    >>> steeliq_module(["python", "-P", "-m", "steeliq.webui.runs.worker"]), steeliq_module(["python", "-m", "json"])
    ('steeliq.webui.runs.worker', '')
    """
    for option, module in pairwise(command):
        if option == "-m":
            return module if module.partition(".")[0] == "steeliq" else ""
    return ""


def _has_parent(process: object) -> bool:
    """Whether a Python still stands above it; what init or a session's manager took over has none."""
    import psutil

    assert isinstance(process, psutil.Process)  # noqa: S101 (typed loosely, so that psutil can be missing)
    parent = process.parent()
    return parent is not None and parent.pid != 1 and "python" in parent.name().lower()
