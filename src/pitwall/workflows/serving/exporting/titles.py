"""Let servers tell the chances of both titles, as they were last forecast."""

from __future__ import annotations

import json

from pitwall.domain.clock import wall
from pitwall.domain.tables import load_tables
from pitwall.ml.championship.forecast import ChampionshipForecast
from pitwall.ml.training.training_job import TrainingJob
from pitwall.workflows.serving.exporting.races import vintage
from pitwall.workflows.serving.places import write_json


def publish_titles(job: TrainingJob, made: ChampionshipForecast) -> None:
    """Write the chances of a season's titles, and forget seasons that the calendar does not hold: those of a world that was left.

    Args:
        job: of the model that they are drawn from.
        made: the forecast as of now.
    """
    folder = job.project.serving / "championship"
    write_json(
        folder / f"{made.season}.json",
        {
            "season": made.season,
            "written": wall().isoformat(timespec="seconds"),
            "vintage": vintage(job.project, job),
            "championship": json.loads(made.to_json()),
        },
    )
    held = {f"{season}.json" for season in load_tables(job.project.tables, ["races"])["races"]["season"].unique()}
    for path in folder.glob("*.json"):
        if path.name not in held:
            path.unlink()
