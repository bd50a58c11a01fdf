"""Another version beside the one in use: checked, unpacked, tried, and only then named as the one to start.

Nothing is fetched: the archive is brought here by whoever wants it. Whatever goes wrong or is killed on the way, the
kit in use stays the one in use; what was begun has a name of its own and is deleted by the next update.
"""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from errno import EACCES, EPERM, EROFS
from pathlib import Path
from typing import Any, BinaryIO

from steeliq import __version__
from steeliq.desktop import kit_manifest
from steeliq.desktop.doctor.findings import a_few
from steeliq.desktop.update import archive as archives
from steeliq.desktop.update import checksum, kits
from steeliq.desktop.update.kits import Kit, Pointer
from steeliq.desktop.update.trial import try_kit
from steeliq.errors import UpdateError

LOCK = ".steeliq-update.lock"
SPARE = 50_000_000
"""Bytes that are left free on the disk."""

Tell = Callable[[str], object]


def own_kit() -> Path | None:
    """The kit that this process runs from; None if from something else, such as a checkout."""
    root = Path(sys.prefix)
    return root if (root / kit_manifest.NAME).is_file() else None


def folder_of_kits(to: Path | None) -> Path:
    """Where kits lie side by side: ``to``, else the folder that holds the running kit."""
    own = own_kit()
    if to is not None:
        folder = to.expanduser().absolute()
        if (folder / kit_manifest.NAME).exists():
            raise UpdateError(f"--to {folder}: this is a kit itself; give the folder that kits are to lie in")
        return folder
    if own is None:
        raise UpdateError(
            f"this steeliq was not started from a kit ({sys.prefix}); unpack the archive yourself, or give the folder "
            "that kits are to lie in: --to FOLDER. A checkout is updated with git and scripts/setup."
        )
    return own.parent


def update(
    archive: Path, *, sha256: str | None = None, to: Path | None = None, allow_older: bool = False, tell: Tell
) -> Kit:
    """Put the kit in ``archive`` beside the one in use and make it the one in use; the kit that is in use now.

    ``tell`` gets a line for each step. Raises UpdateError with the reason if it is not to be; nothing has changed then.
    """
    archive = archive.expanduser().absolute()
    if not archive.is_file():
        raise UpdateError(f"{archive}: there is no such file; give the archive with --from ARCHIVE")
    folder = folder_of_kits(to)
    with _alone_in(folder, make=to is not None):
        kits.refuse_strangers(folder)
        pointer = kits.read_pointer(folder) or Pointer(_first(folder))
        with archive.open("rb") as stream:
            tell(f"checking {archive.name}, {archive.stat().st_size / 1e6:,.0f} MB")
            found = checksum.check(archive, stream, sha256)
            tell(f"it is as it was published: SHA-256 {found}")
            contents = archives.look_into(archive, stream)
            _refuse_other_platform(archive, contents)
            _refuse_older(archive, contents, _version_in_use(folder, pointer), allow_older=allow_older)
            target = folder / contents.top
            fresh = not os.path.lexists(target)
            if fresh:
                _refuse_lack_of_room(folder, contents)
                tell(f"unpacking {contents.size / 1e6:,.0f} MB into {target}")
                _unpack(archive, stream, contents, target)
            else:
                _refuse_another(target, contents)
                if pointer.active == contents.top:
                    tell(f"steeliq {contents.version} is the one in use already, and whole: {target}")
                    return _kit(target)
                tell(f"{target} is there already, and whole")
        tell("trying it: its own doctor examines it")
        try:
            try_kit(target, contents.version)
        except UpdateError:
            if fresh:
                kits.remove_kit(target)
            raise
        launcher = _switch(folder, pointer, contents.top)
    tell(f"steeliq {contents.version} is in use from the next start on; start it with {launcher}")
    if pointer.active:
        tell(f"{pointer.active} stays and can be gone back to: steeliq update --rollback; if it is open, it goes on")
    _lead_menu_to(launcher, tell)
    return _kit(target)


def _first(folder: Path) -> str:
    """The kit in use before the first update: the running one, if it lies here."""
    own = own_kit()
    return own.name if own is not None and own.parent == folder else ""


def _version_in_use(folder: Path, pointer: Pointer) -> str:
    """The version that presumably opened the data last."""
    kit = kits.kit_in(folder / pointer.active) if pointer.active else None
    return kit.version if kit is not None and not kit.fault else __version__


def _refuse_other_platform(archive: Path, contents: archives.Contents) -> None:
    own = own_kit()
    manifest = kit_manifest.read_manifest(own) if own is not None else None
    here = {str(manifest.get("platform"))} if manifest is not None else names_of_platform()
    if contents.platform not in here:
        raise UpdateError(
            f"{archive}: it is for {contents.platform}, this is {' or '.join(sorted(here))}; get the archive for that"
        )


def names_of_platform() -> set[str]:
    """What kits for this machine may be called, Python's way and conda's."""
    system = {"linux": "linux", "darwin": "osx", "win32": "win"}.get(sys.platform, sys.platform)
    machine = platform.machine().lower()
    bits = {"x86_64": "64", "amd64": "64"}.get(machine, machine)
    return {f"{sys.platform}-{machine}", f"{system}-{bits}"}


def _refuse_older(archive: Path, contents: archives.Contents, used: str, *, allow_older: bool) -> None:
    from packaging.version import InvalidVersion, Version

    try:
        older = Version(contents.version) < Version(used)
    except InvalidVersion as error:
        raise UpdateError(f"{archive}: {error}; this is no kit that was published") from error
    if older and not allow_older:
        raise UpdateError(
            f"{archive}: it is {contents.version}, older than {used}, the one in use. If the newer one has changed "
            "your data, an older one refuses them until a backup from before is put back (steeliq backup list). If you "
            "want it all the same: --allow-older. To return to the kit before: --rollback."
        )


def _refuse_lack_of_room(folder: Path, contents: archives.Contents) -> None:
    free = max(shutil.disk_usage(folder).free - SPARE, 0)
    if contents.size > free:
        raise UpdateError(
            f"{folder}: unpacked it takes {contents.size / 1e6:,.0f} MB and {free / 1e6:,.0f} MB are free; make room, "
            "or choose a folder on another disk: --to FOLDER"
        )


def _refuse_another(target: Path, contents: archives.Contents) -> None:
    """Raise UpdateError unless what is at ``target`` is, file by file, what the archive holds."""
    advice = "move that folder away, or choose another place with --to FOLDER"
    try:
        there = (target / kit_manifest.NAME).read_bytes()
    except OSError as error:
        raise UpdateError(f"{target}: this is there already and no kit; {advice}") from error
    if there != contents.manifest_text:
        raise UpdateError(f"{target}: another kit of this name is there already, with other files; {advice}")
    damage = _damage(target, contents.manifest)
    if damage:
        raise UpdateError(f"{target}: this kit is there already, but damaged ({damage}); {advice}")


def _damage(root: Path, manifest: dict[str, Any]) -> str:
    """What is missing or changed, every byte compared; '' if nothing."""
    found = kit_manifest.compare(root, manifest, full=True)
    named = (("missing", found.missing), ("changed", found.changed))
    return "; ".join(f"{word}: {a_few(names)}" for word, names in named if names)


def _unpack(archive: Path, stream: BinaryIO, contents: archives.Contents, target: Path) -> None:
    """Unpack under another name, compare every byte with the list of files, then give it its name."""
    beside = target.parent / kits.NEW
    beside.mkdir()
    try:
        archives.unpack(archive, stream, beside)
        fresh = beside / contents.top
        damage = _damage(fresh, contents.manifest)
        extra = kit_manifest.compare(fresh, contents.manifest, full=False).extra
        if damage or extra:
            raise UpdateError(
                f"{archive}: what was unpacked is not what its list of files says ("
                f"{damage or f'not in the list: {a_few(extra)}'}); do not use this archive"
            )
        fresh.rename(target)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _switch(folder: Path, pointer: Pointer, top: str) -> Path:
    """Name the kit of the folder ``top`` as the one in use; the launcher that starts it.

    The launcher comes before the change and after a pointer to the kit in use, so that it always leads somewhere.
    """
    if pointer.active:
        kits.write_pointer(folder, pointer)
        launcher = kits.write_launcher(folder)
        kits.write_pointer(folder, Pointer(top, pointer.active))
    else:
        kits.write_pointer(folder, Pointer(top))
        launcher = kits.write_launcher(folder)
    return launcher


def _lead_menu_to(launcher: Path, tell: Tell) -> None:
    """Let a menu entry that there is start the kit in use, whichever that will be."""
    from steeliq.desktop.shortcut.command import Command, ShortcutError
    from steeliq.desktop.shortcut.install import install, is_installed

    if is_installed():
        try:
            install(Command((str(launcher), "app")))
            tell("the menu entry starts it")
        except (ShortcutError, OSError) as error:
            tell(f"the menu entry still starts the version before ({error}); try 'steeliq install-shortcut'")


def _kit(folder: Path) -> Kit:
    kit = kits.kit_in(folder)
    if kit is None or kit.fault:
        raise UpdateError(f"{folder}: this kit has gone; unpack its archive again")
    return kit


def go_back(to: Path | None, tell: Tell) -> Kit:
    """Make the kit before the one in use the one in use; called twice, all is as before."""
    folder = folder_of_kits(to)
    with _alone_in(folder, make=False):
        pointer = kits.read_pointer(folder)
        if pointer is None or not pointer.previous:
            raise UpdateError(
                f"{folder}: there is no kit to go back to; 'steeliq update --list' shows which are there. One that "
                "lies elsewhere can be started by the file 'steeliq' in its folder."
            )
        previous = folder / pointer.previous
        manifest = kit_manifest.read_manifest(previous) if previous.is_dir() else None
        if manifest is None:
            raise UpdateError(f"{previous}: the kit before has gone; {pointer.active} stays in use")
        damage = _damage(previous, manifest)
        if damage:
            raise UpdateError(f"{previous}: the kit before is damaged ({damage}); {pointer.active} stays in use")
        kits.refuse_strangers(folder)
        launcher = kits.write_launcher(folder)
        kits.write_pointer(folder, Pointer(pointer.previous, pointer.active))
    kit = _kit(previous)
    tell(f"steeliq {kit.version} is in use from the next start on; start it with {launcher}")
    tell(
        f"If {pointer.active} has changed your data, {kit.version} refuses them and changes nothing; the backup from "
        "before the change helps: 'steeliq backup list', 'steeliq backup restore NAME'"
    )
    return kit


def listed(to: Path | None) -> tuple[Path, list[Kit], Pointer]:
    """The folder of kits, those in it, and which is in use."""
    folder = folder_of_kits(to)
    if not folder.is_dir():
        raise UpdateError(f"{folder}: there is no such folder")
    return folder, kits.kits(folder), kits.read_pointer(folder) or Pointer(_first(folder))


def prune(to: Path | None, tell: Tell) -> None:
    """Delete kits other than the one in use and the one before it.

    Left are also the one that this process runs from, those that a process uses, and those with files of someone's own.
    """
    folder = folder_of_kits(to)
    with _alone_in(folder, make=False):
        pointer = kits.read_pointer(folder)
        if pointer is None:
            raise UpdateError(f"{folder}: no kit was put in place by an update here, so none is deleted")
        for kit in kits.kits(folder):
            if kit.folder.name in {pointer.active, pointer.previous}:
                continue
            reason = _reason_to_keep(kit)
            if reason:
                tell(f"left {kit.folder}: {reason}")
            else:
                kits.remove_kit(kit.folder)
                tell(f"removed {kit.folder}, {kit.size / 1e6:,.0f} MB")


def _reason_to_keep(kit: Kit) -> str:
    if kit.folder == own_kit():
        return "this steeliq runs from it"
    if _is_used(kit.folder):
        return "it is running"
    if kit.fault:
        return "its list of files cannot be read, so it may hold files of yours"
    manifest = kit_manifest.read_manifest(kit.folder)
    extra = kit_manifest.compare(kit.folder, manifest, full=False).extra if manifest is not None else ()
    return f"{a_few(extra)}: not of the kit, perhaps yours" if extra else ""


def _is_used(folder: Path) -> bool:
    """Whether a process runs a program of this folder, as far as may be seen."""
    import psutil

    for process in psutil.process_iter(["exe", "cmdline"]):
        words = [process.info["exe"] or "", *(process.info["cmdline"] or [])[:1]]
        if any(word and Path(word).is_relative_to(folder) for word in words):
            return True
    return False


@contextmanager
def _alone_in(folder: Path, *, make: bool) -> Iterator[None]:
    """Hold the folder of kits; leftovers of a killed update are removed first. What the system refuses is told."""
    from filelock import FileLock, Timeout

    try:
        if make:
            folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / LOCK, timeout=0):
            kits.remove_leftovers(folder)
            yield
    except Timeout as error:
        raise UpdateError(f"{folder}: another update is at work here; wait for its end") from error
    except kit_manifest.KitError as error:
        raise UpdateError(str(error)) from error
    except OSError as error:
        where = error.filename or folder
        what = "you may not write there" if error.errno in {EACCES, EPERM, EROFS} else "it could not be done"
        told = f"{where}: {what} ({error.strerror or error}); choose a folder of yours for kits with --to FOLDER"
        raise UpdateError(f"{told}. The kit in use is as it was.") from error
