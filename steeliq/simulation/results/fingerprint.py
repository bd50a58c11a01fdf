"""Eight digits that tell what a run was made from, for captions, file names and exports."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

TOLD: Final = ("scenario", "dataset", "years", "seed", "code")
"""Entries of run.json that decide the results."""


def full_hash(document: Mapping[str, Any]) -> str:
    """SHA-256 [hex] of the inputs in a run.json document: scenario, dataset, years, seed and code."""
    text = json.dumps({key: document.get(key) for key in TOLD}, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def short_hash(document: Mapping[str, Any]) -> str:
    """The first eight digits of that."""
    return full_hash(document)[:8]
