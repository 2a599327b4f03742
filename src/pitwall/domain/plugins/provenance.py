"""Plug-ins from outside count: what a run records of them, and whether DVC knows that results depend on them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from pitwall.domain.errors import PluginError, ProjectNotFound
from pitwall.domain.plugins.files import constant_of, named
from pitwall.domain.plugins.kinds import KINDS
from pitwall.domain.plugins.outside import loaded, packages
from pitwall.domain.project import Project, find_project


def files(root: Path) -> tuple[str, ...]:
    """Return the paths of a project's plug-in files, below its root."""
    return tuple(each.where for each in named(Project(root)))


def recorded(root: Path) -> dict[str, str]:
    """Return what identifies the plug-ins from outside: {file: sha256}, {package: version}; empty where there are none."""
    return {**{each.where: f"sha256:{each.sha256()}" for each in named(Project(root))}, **packages()}


def origin(plugin: Any) -> str | None:
    """Return where a plug-in comes from in words; None for one that ships."""
    return next((each.where for each in loaded() if each.plugin is plugin), None)


def module_of(plugin: Any) -> str | None:
    """Return the name of the module that defines a plug-in from outside; None for one that ships."""
    return next((each.module for each in loaded() if each.plugin is plugin), None)


def check_declared(project: Project) -> None:
    """Raise PluginError where training would not notice that a plug-in file changed, or would not even find it.

    DVC runs a step again when what it depends on has changed, so each file must be a dependency of the steps that run it.
    """
    if not files(project.root):
        return
    if not _in(project):
        raise PluginError(
            f"the project {project.root} has plug-ins of its own, which are found in the project that we are in only; "
            "change into its folder or set PITWALL_HOME to it."
        )
    lacking: dict[str, list[str]] = {}
    for path, step in _undeclared(project):
        lacking.setdefault(path, []).append(step)
    if lacking:
        told = "; ".join(f"{' and '.join(steps)} lack `- {path}`" for path, steps in lacking.items())
        raise PluginError(
            f"dvc.yaml: steps run plug-ins without depending on them, so DVC would keep old results when one changes: {told}. "
            "Add the line below `deps:` of each, then `dvc repro`."
        )


def _in(project: Project) -> bool:
    try:
        return find_project().root.resolve() == project.root.resolve()
    except ProjectNotFound:
        return False


def _undeclared(project: Project) -> Iterator[tuple[str, str]]:
    """Yield (file, step) for each step of dvc.yaml that runs a file and does not depend on it or a folder above it."""
    content = yaml.safe_load((project.root / "dvc.yaml").read_text(encoding="utf-8")) or {}
    steps = content.get("stages") or {}
    for each in named(project):
        for step in KINDS[constant_of(each)].steps:
            if step in steps and not any(_covers(dep, each.where) for dep in _deps(steps[step])):
                yield each.where, step


def _deps(step: dict[str, Any]) -> list[str]:
    listed = step.get("do", step).get("deps") or []
    return [str(next(iter(dep))) if isinstance(dep, dict) else str(dep) for dep in listed]


def _covers(dep: str, path: str) -> bool:
    dep = dep.rstrip("/")
    return path == dep or path.startswith(f"{dep}/")
