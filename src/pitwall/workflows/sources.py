"""Choose the data sources, fetch from them, take a snapshot back, and say what came from them."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from pitwall.domain.errors import PitwallError, UsageError
from pitwall.domain.params import Scalar
from pitwall.domain.plugins import pick
from pitwall.sources import beside_sources, chosen_sources, sources, with_source
from pitwall.sources.machinery.admission.vetting import try_source
from pitwall.sources.machinery.beside import Compared, disagreements
from pitwall.sources.machinery.comparing.precedence import rules
from pitwall.sources.machinery.overview.status import data_status
from pitwall.sources.machinery.snapshots.undo import Undone
from pitwall.sources.machinery.snapshots.undo import undo as take_back
from pitwall.sources.machinery.stage import IngestReport
from pitwall.workflows import data
from pitwall.workflows.workspace import Workspace


@dataclass(frozen=True)
class Used:
    """A source that the project uses from now on: where it is, what it delivers, and which sources it replaces."""

    source: str
    location: str | None
    rows: dict[str, int]
    set_aside: Mapping[str, int]
    dropped: list[str]
    notes: list[str]


def use(
    workspace: Workspace, name: str, location: str | None, *, accept_removals: bool = False, beside: str | None = None
) -> Used:
    """Check a source by fetching from it with all checks, then write it to params.yaml; on any error nothing changes.

    Args:
        workspace: of the project.
        name: a data source.
        location: a folder or file as seen from the working directory, or a URL; None for an embedded source.
        accept_removals: take it although races, or results of races, are gone from it.
        beside: let it stand beside the others: `compare`, or the tables and seasons that it decides.

    Raises:
        UnknownName: there is no such source, or no such table.
        UsageError: `beside` does not read.
        SourceError: it is missing, malformed, or lacks what was there before.
    """
    if beside is not None:
        rules(name, beside)
    project, params = workspace.project, workspace.params
    where = _from_root(location, project.root)
    source = pick("source", name, sources())
    absolute = where if where is None or "://" in where else str((project.root / where).resolve())
    notes: list[str] = []
    rows, aside = try_source(project, params, source, absolute, notes, accept_removals=accept_removals)
    after = with_source(params, source, where, beside)
    chosen_sources(params.model_copy(update={"sources": after}))  # somebody must bring the results
    _write_sources(project.params, after)
    return Used(name, where, rows, aside, [other for other in params.sources if other not in after], notes)


def drop(workspace: Workspace, name: str) -> None:
    """Stop using a source of laps or a user's files; its snapshots stay.

    Raises:
        UnknownName: it is not in use.
        UsageError: it brings the results.
    """
    params = workspace.params
    named = [*chosen_sources(params), *beside_sources(params)]
    source = pick("source in use", name, {each.name: each for each in named})
    if source.brings_results and source.beside(params) is None:
        raise UsageError(f"{name} brings the results, which a project needs; replace it with `pitwall data use NAME`.")
    rest = {other: values for other, values in params.sources.items() if other != name}
    _write_sources(workspace.project.params, rest)


def ingest(workspace: Workspace, name: str, *, accept_removals: bool = False) -> IngestReport:
    """Ask one source for news now, keep a snapshot of it, and tell DVC.

    Args:
        workspace: of the project.
        name: a source that params.yaml names.
        accept_removals: keep it although races, or results of races, are gone from it.

    Raises:
        UnknownName: params.yaml names no such source.
        SourceError: it is missing, malformed, or lacks what was there before.
    """
    with workspace.exclusive("pitwall data ingest"):
        report = data.ingest(workspace, name, accept_removals=accept_removals)
        data.record(workspace, f"ingest@{name}")
    return report


def undo(workspace: Workspace, name: str | None = None, *, everything: bool = False) -> Undone:
    """Take the newest snapshot of a source back, and tell DVC; where DVC refuses, it is put back.

    Args:
        workspace: of the project.
        name: a source in use; the one that was fetched last when None.
        everything: all its snapshots.

    Raises:
        SourceError: there is nothing to take back.
        StageError: DVC refused.
    """
    with workspace.exclusive("data undo"):
        undone = take_back(workspace.project, workspace.params, name, everything=everything)
        try:
            if undone.left:  # DVC takes what is left for what the step gave; with nothing left it fetches anew
                data.record(workspace, f"ingest@{undone.source}")
        except PitwallError:
            undone.take_forth()
            raise
    return undone


def status(workspace: Workspace, rows: int = 0) -> dict[str, Any]:
    """Return the sources, what the newest snapshot changed, the tables, and what was set aside or assumed.

    Args:
        workspace: of the project.
        rows: so many of the lines set aside are shown for each reason.
    """
    return dict(data_status(workspace.project, workspace.params, rows))


def diff(workspace: Workspace, name: str | None = None) -> dict[str, Compared]:
    """Return, by source beside, where it disagrees with the one that the project lives on.

    Args:
        workspace: of the project.
        name: one of the sources beside; all of them when None.

    Raises:
        UnknownName: no such source stands beside.
        SourceError: none does, or there is no snapshot.
    """
    return disagreements(workspace.project, workspace.params, name)


def read_from_network(workspace: Workspace) -> bool:
    """Return whether a source is fetched over a network."""
    known = sources()
    return any(
        "://" in str(settings.get("location")) or (name in known and known[name].published is not None)
        for name, settings in workspace.params.sources.items()
    )


def _from_root(location: str | None, root: Path) -> str | None:
    """Return a local location as the steps will see it, from the project root; URLs stay as they are."""
    if location is None or "://" in location or Path(location).is_absolute():
        return location
    return os.path.relpath(Path(location).resolve(), root)


def _quoted(value: Scalar) -> Scalar:
    """Return a text in quotes where it has more than words and slashes: within braces DVC reads a bare colon as a key's end."""
    if isinstance(value, str) and not re.fullmatch(r"[\w./-]*", value):
        quoted: str = DoubleQuotedScalarString(value)
        return quoted
    return value


def _write_sources(path: Path, sources: Mapping[str, Mapping[str, Scalar]]) -> None:
    """Write the sources in use to params.yaml in one step, one line each, keeping comments and order."""
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.representer.add_representer(type(None), lambda r, _: r.represent_scalar("tag:yaml.org,2002:null", "null"))
    content: Any = yaml.load(path.read_text(encoding="utf-8"))
    section = content["sources"]
    for name in [name for name in section if name not in sources]:
        del section[name]
    for name, values in sources.items():
        if section.get(name) != values:
            section[name] = CommentedMap({key: _quoted(value) for key, value in values.items()})
            section[name].fa.set_flow_style()
    fresh = path.with_suffix(".yaml.new")
    with fresh.open("w", encoding="utf-8") as stream:
        yaml.dump(content, stream)
    fresh.replace(path)
