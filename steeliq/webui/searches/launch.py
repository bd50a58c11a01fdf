"""Begin searches, and runs of single trials of them."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from steeliq.ensemble.search import Question, Trial
from steeliq.ensemble.search_question import question_of, table_of
from steeliq.errors import RunError
from steeliq.paths import plain_name, searches_folder
from steeliq.simulation.dataset import load
from steeliq.simulation.scenario.files import to_toml
from steeliq.webui.runs import launch
from steeliq.webui.runs.models import Run
from steeliq.webui.searches.models import Search


def start(question: Question, *, name: str, subject: str, dataset: str = "") -> Search:
    """Put a new search in the queue; ``dataset`` is the folder of a dataset, empty for the reference dataset."""
    key = launch.new_key()
    folder = searches_folder() / f"{datetime.now().astimezone():%Y%m%d-%H%M%S}-{plain_name(name)[:40]}-{key}"
    period = question.base.period
    with transaction.atomic():
        search = Search(
            key=key,
            name=name[: launch.LONGEST_NAME],
            question=json.dumps(table_of(question), ensure_ascii=False),
            subject=subject[:200],
            dataset=str(Path(dataset)) if dataset else "",
            folder=str(folder),
            first_year=period.start,
            last_year=period.end,
            most=question.trials,
            queued=timezone.now(),
        )
        search.task_id = search.enqueue()
        search.save()
    return search


def asked_by(search: Search) -> Question:
    """The question of a search. Raises ScenarioError if a later version of steeliq no longer knows a setting."""
    return question_of(json.loads(search.question))


def runs_of(search: Search, question: Question, trials: list[Trial]) -> dict[float, Run]:
    """The runs of these trials in full, as far as there are any: by value, the newest that is not in the bin."""
    scenarios = {_scenario(question, trial): trial.value for trial in trials}
    runs = Run.objects.filter(scenario__in=scenarios, dataset=search.dataset, binned=None).order_by("created", "id")
    return {scenarios[run.scenario]: run for run in runs}


def run_trial(search: Search, trial: Trial) -> Run:
    """The run of a trial in full, with the first of the agents' seeds; begun now if there is none.

    Raises SteeliqError if the dataset is another one by now.
    """
    question = asked_by(search)
    here = runs_of(search, question, [trial]).get(trial.value)
    if here is not None:
        return here
    facts = load(Path(search.dataset) if search.dataset else None)
    if search.dataset_hash and facts.hash != search.dataset_hash:
        raise RunError(
            f"{search.name}: its dataset is {facts.hash[:12]} here, the search was begun with "
            f"{search.dataset_hash[:12]}; put that one back to run its trials"
        )
    scenario = question.lever.scenario(question.base, trial.value, question.seeds[0])
    return launch.start(scenario, name=scenario.name, dataset=search.dataset)


def _scenario(question: Question, trial: Trial) -> str:
    return to_toml(question.lever.scenario(question.base, trial.value, question.seeds[0]))
