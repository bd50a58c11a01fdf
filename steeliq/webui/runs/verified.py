"""Whether a run was verified, and what came of it, as its page tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from steeliq.errors import RunError
from steeliq.webui.runs import showing
from steeliq.webui.runs.models import Run, State

KINDS: Final = {"identical": "good", "within tolerance": "near", "different": "bad"}
"""How each outcome looks."""

STOPPED: Final = {
    State.CANCELLED: "The last verification was cancelled.",
    State.INTERRUPTED: "The last verification was stopped before its end; verify again.",
}


@dataclass(frozen=True, slots=True)
class Verified:
    """The verification at work or the last one, and the certificate that lies in the run's folder."""

    line: showing.Line | None
    certificate: Mapping[str, Any] | None
    problem: str
    takes: str  # how long the run took, in words
    is_stale: bool = False  # run.json is not the one that the certificate is about

    @property
    def is_alive(self) -> bool:
        """Whether it waits or works."""
        return self.line is not None and self.line.run.is_alive

    @property
    def kind(self) -> str:
        """How the outcome looks."""
        return KINDS.get(str((self.certificate or {}).get("outcome")), "near")

    @property
    def date(self) -> datetime | None:
        """When it was verified."""
        return datetime.fromisoformat(self.certificate["date"]) if self.certificate else None


def verified(run: Run) -> Verified:
    """What is known about a finished run."""
    from steeliq.simulation.results.sums import digest_of
    from steeliq.verify.certificate import read_certificate  # pandas: the first page does not wait for it

    last = Run.every.filter(verifies=run).first()
    problem, certificate, is_stale = "", None, False
    try:
        certificate = read_certificate(run.path)
        is_stale = certificate is not None and certificate["run"]["record_sha256"] != digest_of(run.path / "run.json")
    except (RunError, OSError, LookupError) as error:
        problem, certificate = str(error), None
    if last is not None:
        problem = STOPPED.get(State(last.state), last.message if last.state == State.FAILED else problem)
    line = showing.line(last) if last else None
    return Verified(line, certificate, problem, showing.duration(run.seconds) if run.seconds else "", is_stale)
