"""What kind of place a folder is: on this machine's disk, on the network, or kept in step with other machines.

SQLite's write-ahead log needs memory shared between processes, which network file systems do not give; programs that
copy folders between machines copy a database and its log at different moments.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path, PurePath

NETWORK = {
    *("nfs", "nfs3", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "afs", "afpfs", "webdav", "davfs", "ncpfs", "9p"),
    *("ceph", "glusterfs", "lustre", "gpfs", "beegfs", "ocfs2", "gfs2", "panfs", "orangefs", "vboxsf", "prl_fs"),
    *("fuse.sshfs", "fuse.rclone", "fuse.glusterfs", "fuse.ceph", "fuse.davfs2", "fuse.gvfsd-fuse", "fuse.s3fs"),
}
"""File systems of other machines, as their mounts name them."""

SYNCED = {
    "dropbox": "Dropbox",
    "onedrive": "OneDrive",
    "google drive": "Google Drive",
    "googledrive": "Google Drive",
    "my drive": "Google Drive",
    "mobile documents": "iCloud Drive",
    "icloud drive": "iCloud Drive",
    "iclouddrive": "iCloud Drive",
    "nextcloud": "Nextcloud",
    "owncloud": "ownCloud",
    "box sync": "Box",
    "pcloud": "pCloud",
    "pclouddrive": "pCloud",
    "syncthing": "Syncthing",
    "seafile": "Seafile",
    "megasync": "MEGA",
    "tresorit": "Tresorit",
    "cloudstorage": "a cloud storage",
}
"""Folders that such programs keep, by their lower-case names; longer names begin with these and a separator."""

MARKS = {
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

    real = Path(os.path.realpath(folder))
    if os.name == "nt" and str(real).startswith("\\\\"):
        return "a network share"
    parts = psutil.disk_partitions(all=True)
    point, kind = mount_of(real, [(part.mountpoint, part.fstype.lower()) for part in parts])
    if os.name == "nt":
        remote = any(part.mountpoint == point and "remote" in part.opts for part in parts)
        return "a network drive" if remote else ""
    return kind if kind in NETWORK else ""


def sync_service(folder: Path) -> str:
    """The program that copies ``folder`` between machines, as far as names and its marks tell; else empty.

    >>> sync_service(Path("/home/a/OneDrive - University/steeliq")), sync_service(Path("/home/a/onedrives"))
    ('OneDrive', '')
    """
    real = Path(os.path.realpath(folder))
    for part in real.parts:
        name = part.lower()
        for known, service in SYNCED.items():
            if name == known or (name.startswith(known) and not name[len(known)].isalnum() and len(known) > 3):
                return service
    for place in (real, *real.parents):
        for mark, service in MARKS.items():
            if (place / mark).exists():
                return service
    return ""
