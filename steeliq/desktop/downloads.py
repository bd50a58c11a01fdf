"""Saving files from the window: pywebview 6.2 calls an interface of Qt 5 for that, which fails on Qt 6; mended here."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def mend_downloads() -> None:
    """Let the Qt window ask where to save, beginning in the person's download folder; elsewhere nothing is to do."""
    from webview.platforms import qt

    view: Any = qt.BrowserView
    view.on_download_requested = _save


def _save(view: Any, download: Any) -> None:
    from PySide6.QtCore import QStandardPaths
    from PySide6.QtWidgets import QFileDialog

    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DownloadLocation) or str(Path.home())
    offered = str(Path(folder) / Path(download.suggestedFileName()).name)
    chosen, _ = QFileDialog.getSaveFileName(view, "Save", offered)
    if not chosen:
        download.cancel()
        return
    path = Path(chosen)
    download.setDownloadDirectory(str(path.parent))
    download.setDownloadFileName(path.name)
    download.accept()
