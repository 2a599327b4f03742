"""A model of a run as MLflow 3 has it: an entry that is begun, filled, and then ready; what fluent `log_model` does, without its active run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def logging_model(client: Any, run_id: str, name: str, model_type: str | None = None) -> Iterator[Any]:
    """Give the entry of a model of a run, to be filled in the block; ready at its end, and failed where it raises.

    Args:
        client: of the store.
        run_id: of the run that made it.
        name: of the model.
        model_type: what MLflow shows as its type.
    """
    from mlflow.entities import LoggedModelOutput, LoggedModelStatus

    run = client.get_run(run_id)
    logged = client.create_logged_model(
        run.info.experiment_id, name=name, source_run_id=run_id, model_type=model_type, params=dict(run.data.params)
    )
    try:
        yield logged
    except BaseException:  # an interrupt, too, leaves no model that looks as if it were still being made
        client.finalize_logged_model(logged.model_id, LoggedModelStatus.FAILED)
        raise
    client.log_outputs(run_id, [LoggedModelOutput(logged.model_id, step=0)])
    client.finalize_logged_model(logged.model_id, LoggedModelStatus.READY)
