"""Let servers tell the chances of both titles, as they were last forecast."""

from __future__ import annotations

import json

from pitwall.domain.clock import wall
from pitwall.ml.championship.forecast import ChampionshipForecast
from pitwall.ml.training.training_job import TrainingJob
from pitwall.workflows.serving.exporting.races import vintage
from pitwall.workflows.serving.places import write_json


def publish_titles(job: TrainingJob, made: ChampionshipForecast) -> None:
    """Write the chances of a season's titles.

    Args:
        job: of the model that they are drawn from.
        made: the forecast as of now.
    """
    write_json(
        job.project.serving / "championship" / f"{made.season}.json",
        {
            "season": made.season,
            "written": wall().isoformat(timespec="seconds"),
            "vintage": vintage(job.project, job),
            "championship": json.loads(made.to_json()),
        },
    )
