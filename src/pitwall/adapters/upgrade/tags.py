"""Give the tags of runs and model versions their names of today, so that a search by the new name finds the old ones too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pitwall.adapters.mlflow.store import open_store
from pitwall.domain.project import Project
from pitwall.domain.renames import renames
from pitwall.domain.settings import store_address


def rename_tags(project: Project, dry_run: bool) -> list[str]:
    """Rename the tags of all runs and versions; the values stay."""
    if store_address(project).own and not (project.mlruns / "mlflow.db").is_file():
        return []  # nothing was ever trained here, and nobody asked for a store
    client = open_store(project)
    done = []
    for old, new in renames().tags.items():
        runs, versions = list(_runs(client, old)), list(_versions(client, old))
        if not (runs or versions):
            continue
        done.append(f"tag {old} -> {new} of {len(runs)} runs and {len(versions)} versions")
        if dry_run:
            continue
        for run in runs:
            client.set_tag(run.info.run_id, new, run.data.tags[old])
            client.delete_tag(run.info.run_id, old)
        for each in versions:
            client.set_model_version_tag(each.name, each.version, new, each.tags[old])
            client.delete_model_version_tag(each.name, each.version, old)
    return done


def _runs(client: Any, tag: str) -> Iterator[Any]:
    experiments = [each.experiment_id for each in client.search_experiments()]
    token = None
    while experiments:
        page = client.search_runs(experiments, f"tags.`{tag}` LIKE '%'", page_token=token)
        yield from page
        if not (token := page.token):
            return


def _versions(client: Any, tag: str) -> Iterator[Any]:
    token = None
    while True:
        page = client.search_model_versions(page_token=token)
        yield from (each for each in page if tag in each.tags)
        if not (token := page.token):
            return
