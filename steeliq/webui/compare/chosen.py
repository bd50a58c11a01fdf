"""Which runs a comparison is about: two to six finished ones from the address, the first is the baseline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.http import QueryDict

from steeliq.errors import SteeliqError
from steeliq.simulation.results.fingerprint import short_hash
from steeliq.webui.compare.facts import Facts, facts_of
from steeliq.webui.runs.models import Run, State

FEWEST: Final = 2
MOST: Final = 6


@dataclass(frozen=True, slots=True)
class Compared:
    """A run in a comparison; ``label`` is its name, with its key if another one has the same name."""

    key: str
    label: str
    facts: Facts

    @property
    def short_hash(self) -> str:
        """Eight digits that tell what the run was made from."""
        return short_hash(self.facts.document)


def chosen_keys(query: QueryDict) -> list[str]:
    """Keys of ``?run=A&run=B``, each once, the baseline of ``?base=`` first."""
    keys = list(dict.fromkeys(key for key in query.getlist("run") if key))
    base = query.get("base", "")
    return sorted(keys, key=lambda key: key != base) if base in keys else keys


def compared(keys: Sequence[str]) -> tuple[list[Compared], list[str]]:
    """The runs of the keys in order and a sentence for each that cannot be compared."""
    found, problems = [], []
    if len(keys) > MOST:
        problems.append(f"At most {MOST} runs can be compared; the first {MOST} of {len(keys)} are shown.")
    runs = Run.objects.in_bulk(keys[:MOST], field_name="key")
    labels = labels_of([runs[key] for key in keys[:MOST] if key in runs])
    for key in keys[:MOST]:
        run = runs.get(key)
        if run is None or run.binned is not None:
            problems.append(f"There is no run {key[:16]!r}; it may have been deleted.")
        elif run.state != State.DONE:
            problems.append(f"{run.name} is not finished ({run.get_state_display().lower()}); compare it when it is.")
        else:
            try:
                found.append(Compared(key, labels[key], facts_of(run.path)))
            except (SteeliqError, OSError) as error:
                problems.append(f"{run.name} cannot be read: {error}")
    return found, problems


def labels_of(runs: Sequence[Run]) -> dict[str, str]:
    """A name for each run that no other has."""
    names = [run.name for run in runs]
    return {run.key: run.name if names.count(run.name) == 1 else f"{run.name} ({run.key})" for run in runs}


def candidates() -> list[Run]:
    """Finished runs, starred ones first, then the newest."""
    return list(Run.objects.filter(state=State.DONE, binned=None).order_by("-starred", "-created")[:200])
