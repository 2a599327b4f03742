"""The pages of the run store that people are led to: the runs of each model, with the columns that matter."""

from __future__ import annotations

from pitwall import wiring
from pitwall.ml.cards.pages import VERDICT_TAG
from pitwall.ml.models.machinery.names import model_names
from pitwall.ml.templates import answered_by
from pitwall.workflows.workspace import Workspace


def views(workspace: Workspace) -> dict[str, str]:
    """Return {model: address of its runs below MLflow's}, with a column for each question's loss, its gain, and the verdict."""
    metrics: dict[str, dict[str, list[str]]] = {}
    for name in model_names(workspace.params):
        job = workspace.job(name)
        columns = metrics.setdefault(job.model, {}).setdefault(job.experiment, [])
        for template in answered_by(job.model):
            baseline = template.baseline_at(job.stage)
            columns += [f"{template.name}.{template.loss}", f"{template.name}.gain.{baseline}"]
    tags = ["pitwall.stage", VERDICT_TAG]
    pages = {
        model: wiring.save_view(workspace.project, experiment, list(dict.fromkeys(columns)), tags)
        for model, held in metrics.items()
        for experiment, columns in held.items()
    }
    return {model: page for model, page in pages.items() if page}
