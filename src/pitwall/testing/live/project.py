"""A tiny project with laps whose races can be followed: tables, the feature groups that live models read, and no champion."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pitwall.domain.params import Params
from pitwall.domain.project import Project
from pitwall.domain.tables import Tables, save_tables
from pitwall.features import feature_sets
from pitwall.features.machinery.build import build_group
from pitwall.live.voices import live_models
from pitwall.testing.worlds.tiny import tiny_tables

LAPS = 6


def live_project(root: Path, tables: Tables | None = None, models: Sequence[str] = ()) -> Project:
    """Return a project in which models that answer within races have what they read.

    Args:
        root: its folder.
        tables: canonical tables with laps; a tiny world when None.
        models: all that answer within races when empty.
    """
    tables, project = tables or _short(tiny_tables(seasons=2, races=2, cars=6)), Project(root)
    save_tables(tables, project.tables)
    project.params.write_text("sources: {ergast: {location: nowhere}}\n", encoding="utf-8")
    (root / "dvc.yaml").write_text("stages: {}\n", encoding="utf-8")
    project.features.mkdir(parents=True)
    sets = {each.feature_set for name, each in live_models().items() if not models or name in models}
    for group in {group.name: group for name in sorted(sets) for group in feature_sets()[name]}.values():
        rows = build_group(group, tables, Params())
        rows.to_parquet(project.features / f"{group.name}.parquet", index=False, coerce_timestamps="us")
    return project


def _short(tables: Tables) -> Tables:
    """Return a world whose races are told up to lap `LAPS` alone, so that they are followed quickly."""
    laps = tables["laps"]
    return tables.replace(laps=laps[laps["lap"] <= LAPS].reset_index(drop=True))
