"""The task of forecasting: the champion answers, the answer is stored and shown on the flow run."""

from __future__ import annotations

from pathlib import Path

from prefect import task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE

from pitwall import wiring
from pitwall.domain.project import find_project
from tasks.training import job, provenance


@task(cache_policy=NO_CACHE, task_run_name="forecast-{name}")
def forecast(
    name: str, race: str | None = None, entries: str | None = None, grid: str | None = None, replay: bool = False
) -> str:
    """Forecast a race with the champion; return where it is stored, from the project root."""
    from pitwall.ml.forecasting.forecast import forecast as make
    from pitwall.ml.forecasting.forecast import store
    from pitwall.ml.forecasting.render import write_page
    from pitwall.ml.registry import recover

    project = find_project()
    registry = wiring.registry(project)
    recover(registry, wiring.history(project))
    made = make(
        job(name),
        registry,
        wiring.feature_reader(project),
        provenance(),
        race=race,
        entries=Path(entries) if entries else None,
        grid=Path(grid) if grid else None,
        replay=replay,
    )
    rows = [{**row.keys, **row.names, **row.answers} for row in made.rows]
    title = f"{made.race_name} {made.race}, {made.model} version {made.version}. {' '.join(made.labels)}"
    create_table_artifact(rows, key=f"forecast-{name}".replace("_", "-"), description=title)
    path = store(project, made)
    write_page(made, path.with_suffix(".html"))
    return path.relative_to(project.root).as_posix()
