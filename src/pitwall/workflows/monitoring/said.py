"""What a champion said in time, and what came true: the forecasts of the track record that count, with their outcomes, race by race."""

from __future__ import annotations

import json
from collections.abc import Collection

import numpy as np
import pandas as pd

from pitwall.domain.keys import BLOCK
from pitwall.domain.records.stored_forecasts import folder
from pitwall.domain.records.track_record import content_of, standing
from pitwall.domain.tables import load_tables
from pitwall.ml.evaluation.scoring import family_of, labels_for
from pitwall.ml.templates import answered_by
from pitwall.ml.training.training_job import TrainingJob
from pitwall.monitoring.drift.calibration import Said
from pitwall.workflows.workspace import Workspace

CALENDAR = ["races", "results"]


def said(workspace: Workspace, job: TrainingJob, races: Collection[str]) -> dict[str, list[Said]]:
    """Return per question with probabilities what was said of races, in order; a forecast whose bytes were changed is left out.

    Args:
        workspace: of the project.
        job: the model.
        races: labels of those whose results are known.
    """
    answers = _answers(workspace, job, races)
    if answers.empty:
        return {}
    found = dict[str, list[Said]]()
    for question in answered_by(job.model):
        if family_of(question).label_type != "bool" or question.name not in answers:
            continue
        tables = load_tables(job.project.tables, sorted({*CALENDAR, *question.tables}))
        known = answers[answers[question.name].notna()].reset_index(drop=True)
        label = labels_for(question, known, question.label(tables))
        rows = known.assign(label=label)[label.notna()]
        found[question.name] = [
            Said(
                str(race),
                own[question.name].to_numpy(np.float64),
                own["label"].to_numpy(np.float64),
                question.cars(int(own["season"].iloc[0])) if question.cars else None,
            )
            for race, own in rows.groupby("race", sort=True)
        ]
    return {name: each for name, each in found.items() if each}


def _answers(workspace: Workspace, job: TrainingJob, races: Collection[str]) -> pd.DataFrame:
    """Return a row per row of each forecast that counts: race, season, keys and answers."""
    calendar = load_tables(job.project.tables, ["races"]).as_of()["races"]
    ids = {f"{row.season}-{row.round:02d}": int(row.race_id) for row in calendar.itertuples()}
    rows = []
    for (race, model), row in sorted(standing(workspace.record.rows()).items()):
        path = folder(job.project) / row["file"]
        if model != job.name or race not in races or not path.is_file() or content_of(path) != row["content"]:
            continue
        content = json.loads(path.read_text(encoding="utf-8"))
        about = {"race": race, "season": int(race[:4]), BLOCK: ids[race]}
        rows += [{**about, **each["keys"], **each["answers"]} for each in content["rows"]]
    return pd.DataFrame(rows)
