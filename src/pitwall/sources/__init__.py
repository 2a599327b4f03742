"""Data sources: one file each, found by discovery. One of them brings results, any number bring laps of the same races or what a user knows of them.

What follows a source (snapshots, cleaning, canonical tables) is shared and lives in the underscore modules.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from pitwall.domain.params import Params, Scalar
    from pitwall.sources.machinery.source import Source


def sources() -> dict[str, Source]:
    """Return {name: source} of all files in this folder, sorted by name."""
    from pitwall.domain.plugins import discover

    return cast("dict[str, Source]", discover(sys.modules[__name__], "SOURCE"))


def chosen_sources(params: Params) -> list[Source]:
    """Return the sources that tables are made of, the one with the results first; those that stand beside are not among them.

    Raises:
        UnknownName: there is no such source.
        UsageError: not exactly one of them brings results.
    """
    from pitwall.domain.errors import UsageError
    from pitwall.domain.plugins import pick

    known = sources()
    named: list[Source] = [pick("source", name, known) for name in sorted(params.sources)]
    chosen = [source for source in named if source.beside(params) is None]
    results = [source for source in chosen if source.brings_results]
    if len(results) != 1:
        raise UsageError(
            f"params.yaml: sources names {len(results)} sources of results ({', '.join(s.name for s in results) or 'none'}); "
            f"a project lives on exactly one. Choose it with `pitwall data use NAME`, give others the setting `beside`; there are: "
            f"{', '.join(name for name, source in known.items() if source.brings_results)}."
        )
    return results + [source for source in chosen if not source.brings_results]


def beside_sources(params: Params) -> list[Source]:
    """Return the sources that stand beside the others: they are fetched and compared, and decide what their setting says."""
    from pitwall.domain.plugins import pick

    known = sources()
    named: list[Source] = [pick("source", name, known) for name in sorted(params.sources)]
    return [source for source in named if source.beside(params) is not None]


def with_source(
    params: Params, source: Source, location: str | None, beside: str | None = None
) -> dict[str, dict[str, Scalar]]:
    """Return the `sources` section with one more source in use.

    With `beside` nothing else changes. Without, a source of laps or of a user's files is added. A source of results replaces the one before; where it is another world, they go
    as well, because race and driver ids mean other races and drivers there.
    """
    known = sources()
    settings = {**params.sources.get(source.name, {}), **({"location": location} if location else {})}
    kept = dict(params.sources)
    if beside is not None:
        return {**kept, source.name: {**settings, "beside": beside}}
    settings.pop("beside", None)
    others = {name for name, each in params.sources.items() if "beside" in each and name != source.name}
    if source.brings_results:
        before = [
            known[name]
            for name in params.sources
            if name in known and known[name].brings_results and name not in others
        ]
        worlds = {each.world(each.settings(params)) for each in before}
        other_world = bool(worlds) and worlds != {source.world(source.settings(params))}
        gone = [
            name
            for name in kept
            if name not in known or (name not in others and (other_world or known[name].brings_results))
        ]
        kept = {name: values for name, values in kept.items() if name not in gone}
    return {**kept, source.name: settings}


def results_source(params: Params) -> Source:
    """Return the source whose results, calendar and ids the project lives in; see `chosen_sources` for errors."""
    return chosen_sources(params)[0]
