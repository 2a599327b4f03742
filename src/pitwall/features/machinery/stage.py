"""The stage `features`: canonical tables in, one parquet file per feature group out, on all cores.

What the last build made is taken up where the news begin (see `_news`); the bytes are those of a build from nothing.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from pitwall.domain.errors import UnknownName
from pitwall.domain.params import Params
from pitwall.domain.project import Project
from pitwall.features import groups
from pitwall.features.machinery.builder import Builder, Made
from pitwall.features.machinery.cache import LastBuild, recipe_of

log = logging.getLogger(__name__)

WORTH_PROCESSES = 3_000_000  # bytes of tables; below that a second process costs more than it spares
MOST_PROCESSES = 4  # each holds the tables that it reads
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class FeatureReport:
    """What the stage made, by group."""

    made: Mapping[str, Made]

    def lines(self) -> list[str]:
        """Return the report for people, one line per group."""
        return [made.line() for made in self.made.values()]


def build_features(project: Project, params: Params, workers: int | None = None) -> FeatureReport:
    """Build `data/features/<group>.parquet` of every group; files of groups that are gone are removed.

    Args:
        project: where the tables are.
        params: the project's parameters.
        workers: processes; by default one per core, or this one alone where the tables are small. They share the cores, so the
            environment should hold `THREADS` as 1; this process's is its owner's to change.

    Raises:
        UnknownName: params.yaml has settings of a group that does not exist.
        FeatureError: a group returned a wrong table.
        TableError: a canonical table is missing.
    """
    found = groups()
    for name in params.features:
        if name not in found:
            raise UnknownName("feature group", name, found)
    read = sorted({table for group in found.values() for table in group.reads})
    project.features.mkdir(parents=True, exist_ok=True)
    made = {}
    for each in _made(project, params, workers):
        log.info("features of %s: %d rows, %s", each.group, each.rows, each.how)
        made[each.group] = each
    for stale in project.features.glob("*.parquet"):
        if stale.stem not in found:
            stale.unlink()
    recipes = {name: recipe for name, group in found.items() if (recipe := recipe_of(group, params)) is not None}
    LastBuild(project).keep(project, recipes, read)
    return FeatureReport({name: made[name] for name in found})


def _made(project: Project, params: Params, workers: int | None) -> Iterator[Made]:
    """Make every group. Groups of the same tables and settings stay together: they share what they compute on the way."""
    builder = Builder(project, params)
    bundles: dict[tuple[object, ...], list[str]] = defaultdict(list)
    for name, group in groups().items():
        if builder.is_reusable(group):
            yield from builder.make([name])
        else:
            bundles[*group.reads, group.Settings].append(name)
    read = {table for names in bundles.values() for name in names for table in groups()[name].reads}
    workers = workers or _worth(project, read)
    if workers == 1:
        for bundle in bundles.values():
            yield from builder.make(bundle)
        return
    spawn = multiprocessing.get_context("spawn")  # a forked process would inherit locks of the libraries' threads
    with ProcessPoolExecutor(workers, spawn, initializer=_open, initargs=(project, params)) as pool:
        for made in pool.map(_make, bundles.values()):
            yield from made


def _worth(project: Project, read: Iterable[str]) -> int:
    """Return the number of processes that tables of this size are worth."""
    whole = sum(path.stat().st_size for name in read if (path := project.tables / f"{name}.parquet").is_file())
    return min(os.cpu_count() or 1, MOST_PROCESSES) if whole > WORTH_PROCESSES else 1


_BUILDERS: list[Builder] = []  # of this process


def _open(project: Project, params: Params) -> None:
    _BUILDERS[:] = [Builder(project, params)]


def _make(names: Sequence[str]) -> list[Made]:
    return _BUILDERS[0].make(names)
