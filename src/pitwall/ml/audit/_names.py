"""What is to be audited, by whatever name people have for it, and the tables that it needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from pitwall.domain.errors import UnknownName, UsageError
from pitwall.domain.params import Params, load_params
from pitwall.domain.project import Project, find_project
from pitwall.domain.tables import SPECS, Tables, load_tables
from pitwall.features import FeatureEngineer, groups
from pitwall.features.machinery.group import FeatureGroup
from pitwall.ml.audit._finding import EVERY, Report

What = str | FeatureGroup | Sequence[str | FeatureGroup] | None
ALWAYS = ("races", "entries", "results", "grid", "qualifying")


@dataclass(frozen=True)
class Chosen:
    """Groups to audit, and the features that were asked for by name (empty: all of them)."""

    groups: tuple[FeatureGroup, ...]
    features: frozenset[str]

    def narrowed(self, report: Report) -> Report:
        """Return the report without findings on features that nobody asked for."""
        if not self.features:
            return report
        kept = tuple(each for each in report.found if each.feature in {*self.features, EVERY})
        return replace(report, found=kept)


def chosen(what: What) -> Chosen:
    """Return what a name, a group or several of them mean.

    Raises:
        UnknownName: there is no such group or feature.
    """
    if what is None:
        return Chosen(tuple(groups().values()), frozenset())
    asked = [what] if isinstance(what, str | FeatureGroup) else list(what)
    known = {**groups(), **{group.name: group for group in FeatureEngineer().groups()}}
    owners = {name: group for group in known.values() for name in group.names}
    found: dict[str, FeatureGroup] = {}
    features: set[str] = set()
    for each in asked:
        if isinstance(each, str) and each not in known and each not in owners:
            raise UnknownName("feature or group", each, [*known, *owners])
        group = each if isinstance(each, FeatureGroup) else known.get(each) or owners[each]
        found[group.name] = group
        features |= {each} if isinstance(each, str) and each not in known else set(group.names)
    everything = features == {name for group in found.values() for name in group.names}
    return Chosen(tuple(found.values()), frozenset() if everything else frozenset(features))


def tables_for(asked: Sequence[FeatureGroup], project: Project | None, params: Params | None) -> tuple[Tables, Params]:
    """Return the project's tables that some groups and the audit itself read, and its parameters."""
    home = project or find_project()
    reads = {*ALWAYS, *(name for group in asked for name in group.reads)}
    return load_tables(home.tables, [name for name in SPECS if name in reads]), params or load_params(home.params)


def groups_of_file(path: Path) -> list[FeatureGroup]:
    """Run a Python file of features and return its `GROUP` and what it registered with a `FeatureEngineer`.

    Raises:
        UsageError: there is no such file, or it makes no feature.
    """
    spec = spec_from_file_location(path.stem, path)
    if not path.is_file() or spec is None or spec.loader is None:
        raise UsageError(
            f"there is no Python file {path}; give one that ends with `GROUP = ...` or registers features."
        )
    before = set(FeatureEngineer().names())
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    engineer = FeatureEngineer()
    found = [engineer.group(name) for name in engineer.names() if name not in before]
    found += [module.GROUP] if isinstance(getattr(module, "GROUP", None), FeatureGroup) else []
    if not found:
        raise UsageError(
            f"{path} makes no feature; end it with `GROUP = FeatureGroup(...)` (docs/adding.md), or register functions with "
            "a `FeatureEngineer` (docs/notebook.md)."
        )
    return found
