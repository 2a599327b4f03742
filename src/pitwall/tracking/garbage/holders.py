"""Who holds on to what: an alias, the history of promotions, a published card, a user's model, a tag, an open run, and the tables.

The tables are made from every snapshot of the sources and worlds that params.yaml names, corrections included, so each
of these is part of the present data. The newest snapshot of any other source or world stays too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from pitwall.domain.params import Params
from pitwall.domain.ports import History, ModelVersion, Registry, RunReader
from pitwall.domain.project import Project
from pitwall.sources import beside_sources, chosen_sources
from pitwall.sources.machinery.snapshots.store import Snapshot
from pitwall.tracking.garbage.inventory import words

KEEP_TAG = "pitwall.keep"
CARD_FILES = {".json", ".md", ".html"}

Held = Iterator[tuple[str, str]]


def holders(
    project: Project,
    params: Params,
    runs: RunReader,
    registry: Registry,
    history: History,
    *,
    raw: Sequence[Snapshot],
) -> dict[str, str]:
    """Return {name of a thing: who holds on to it}; a model version is held by its run's id."""
    versions = {(each.model, each.version): each for model in registry.models() for each in registry.versions(model)}
    found = chain(
        _by_aliases(registry, versions),
        _by_history(history, versions),
        _by_cards(project),
        _by_orders(project),
        _by_themselves(runs, versions),
        _by_tables(params, raw),
    )
    held: dict[str, str] = {}
    for name, why in found:
        held.setdefault(name, why)
    return held


def _by_aliases(registry: Registry, versions: Mapping[tuple[str, int], ModelVersion]) -> Held:
    for model in registry.models():
        for alias, number in registry.aliases(model).items():
            yield versions[model, number].run_id, f"{alias} of {model}"


def _by_history(history: History, versions: Mapping[tuple[str, int], ModelVersion]) -> Held:
    for row in history.rows():
        stages = row.get("stages") or {}
        for number in (row.get("version"), row.get("previous"), *stages):
            version = versions.get((str(row.get("model")), int(number or 0)))
            if version is not None:
                yield version.run_id, f"row {row.get('seq')} of the history names {version.model} {version.version}"


def _by_cards(project: Project) -> Held:
    for path in sorted((project.reports / "cards").rglob("*")):
        if path.suffix in CARD_FILES:
            for word in sorted(words(path.read_text(encoding="utf-8"))):
                yield word, f"the card {path.relative_to(project.root).as_posix()} names it"


def _by_orders(project: Project) -> Held:
    """Users' models, drafts too, hold the runs that made them: a draft is deployed with its run."""
    for path in sorted((project.state / "specs").glob("*/run.json")):
        yield (
            json.loads(path.read_text(encoding="utf-8"))["run_id"],
            f"the user's model {path.parent.name} was made by it",
        )


def _by_themselves(runs: RunReader, versions: Mapping[tuple[str, int], ModelVersion]) -> Held:
    for version in versions.values():
        if KEEP_TAG in version.tags:
            yield version.run_id, f"{version.model} {version.version} has the tag {KEEP_TAG}"
    for run in runs.all():
        if KEEP_TAG in run.tags:
            yield run.run_id, f"it has the tag {KEEP_TAG}"
        elif run.status == "RUNNING":
            yield run.run_id, "it is still open"


def _by_tables(params: Params, raw: Sequence[Snapshot]) -> Held:
    named = [*chosen_sources(params), *beside_sources(params)]
    in_use = {(source.name, source.world(source.settings(params))) for source in named}
    for snapshot in raw:
        if (snapshot.source, snapshot.world) in in_use:
            yield snapshot.name, "the tables are made from it"
    newest = {(snapshot.source, snapshot.world): snapshot.name for snapshot in raw}
    for (source, world), name in newest.items():
        yield name, f"the newest of {source} ({world})"
