"""What kind of place a folder is: on this machine's disk, on the network, or kept in step with other machines.

SQLite's write-ahead log needs memory shared between processes, which network file systems do not give; programs that
copy folders between machines copy a database and its log at different moments.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path, PurePath
from typing import Final

NETWORK: Final = {
    *("nfs", "nfs3", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "afs", "afpfs", "webdav", "davfs", "ncpfs", "9p"),
    *("ceph", "glusterfs", "lustre", "gpfs", "beegfs", "ocfs2", "gfs2", "panfs", "orangefs", "vboxsf", "prl_fs"),
    *("fuse.sshfs", "fuse.rclone", "fuse.glusterfs", "fuse.ceph", "fuse.davfs2", "fuse.gvfsd-fuse", "fuse.s3fs"),
}
"""File systems of other machines, as their mounts name them."""

SYNCED: Final = (
    ("OneDrive", re.compile(r"onedrive( ?-.*)?", re.IGNORECASE)),
    ("Dropbox", re.compile(r"dropbox( ?\(.*\))?", re.IGNORECASE)),
    ("iCloud Drive", re.compile(r"icloud ?drive|com~apple~clouddocs|mobile documents", re.IGNORECASE)),
    ("Google Drive", re.compile(r"google ?drive(-.*)?|my drive", re.IGNORECASE)),
    ("Nextcloud", re.compile(r"nextcloud( .*)?", re.IGNORECASE)),
    ("ownCloud", re.compile(r"owncloud( .*)?", re.IGNORECASE)),
    ("Box", re.compile(r"box sync", re.IGNORECASE)),
    ("pCloud", re.compile(r"pcloud ?(drive)?", re.IGNORECASE)),
    ("Syncthing", re.compile(r"syncthing", re.IGNORECASE)),
    ("Seafile", re.compile(r"seafile", re.IGNORECASE)),
    ("MEGA", re.compile(r"megasync( .*)?", re.IGNORECASE)),
    ("a cloud storage", re.compile(r"cloudstorage", re.IGNORECASE)),  # macOS keeps some of the above below it
)
"""Folders that such programs keep, by name."""

MARKS: Final = {
    ".dropbox": "Dropbox",
    ".stfolder": "Syncthing",
    ".owncloudsync.log": "Nextcloud",
    ".sync_journal.db": "Nextcloud",
}
"""Files that such programs leave in their folders."""


def mount_of(folder: Path, mounts: Iterable[tuple[str, str]]) -> tuple[str, str]:
    """The mount point and file system that ``folder`` lies on; ``mounts`` are such pairs, the later one wins.

    >>> mount_of(Path("/home/a/b"), [("/", "ext4"), ("/home", "nfs4"), ("/home/ab", "ext4")])
    ('/home', 'nfs4')
    """
    found = ("", "")
    for point, kind in mounts:
        if PurePath(folder).is_relative_to(point) and len(point) >= len(found[0]):
            found = (point, kind)
    return found


def network_kind(folder: Path) -> str:
    """The file system's name if ``folder`` lies on another machine's disk, else empty."""
    import psutil

    if str(folder).startswith(("\\\\", "//")):
        return "a network share"
    real = Path(os.path.realpath(folder))
    parts = psutil.disk_partitions(all=True)
    point, kind = mount_of(real, [(part.mountpoint, part.fstype.lower()) for part in parts])
    if os.name == "nt":
        remote = any(part.mountpoint == point and "remote" in part.opts for part in parts)
        return "a network drive" if remote else ""
    return kind if kind in NETWORK else ""


def sync_service(folder: Path) -> str:
    """The program that copies ``folder`` between machines, as far as names and its marks tell; else empty."""
    real = Path(os.path.realpath(folder))
    marks = (service for place in (real, *real.parents) for mark, service in MARKS.items() if (place / mark).exists())
    return synced_by(real) or next(marks, "")


def synced_by(folder: PurePath) -> str:
    """The program that copies folders of such names elsewhere; empty if none is known.

    >>> synced_by(PurePath("/home/a/OneDrive - University/steeliq")), synced_by(PurePath("/home/a/onedrives"))
    ('OneDrive', '')
    """
    return next((service for service, pattern in SYNCED for part in folder.parts if pattern.fullmatch(part)), "")
