"""Let servers tell the chances of both titles, as they were last forecast."""

from __future__ import annotations

import json

from pitwall.domain.clock import wall
from pitwall.domain.racing.data_world import world
from pitwall.domain.records.chain import digest
from pitwall.ml.championship.forecast import ChampionshipForecast
from pitwall.ml.training.training_job import TrainingJob
from pitwall.workflows.serving.exporting.races import vintage
from pitwall.workflows.serving.places import read_json, write_json


def publish_titles(job: TrainingJob, made: ChampionshipForecast) -> None:
    """Write the chances of a season's titles, and forget those that were drawn in another world: their drivers are nobody here.

    Args:
        job: of the model that they are drawn from.
        made: the forecast as of now.
    """
    folder, here = job.project.serving / "championship", digest(world(job.params))
    write_json(
        folder / f"{made.season}.json",
        {
            "season": made.season,
            "world": here,
            "written": wall().isoformat(timespec="seconds"),
            "vintage": vintage(job.project, job),
            "championship": json.loads(made.to_json()),
        },
    )
    for path in folder.glob("*.json"):
        if read_json(path).get("world") != here:
            path.unlink()
