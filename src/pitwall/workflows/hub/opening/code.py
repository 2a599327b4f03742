"""A bundle is data. An order may hold functions, a recipe may need plug-ins, a run may have kept a patch: none of it travels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from pitwall.workflows.hub.opening.json_text import parsed_json
from pitwall.workflows.hub.opening.refusal import BundleRefused

RECIPE, SPEC, MANIFEST, PARAMS = "model/recipe.json", "spec/spec.json", "manifest/manifest.json", "manifest/params.yaml"
UNKNOWN = "unknown: "  # of a manifest whose project git does not know: there is no patch that could travel


def see_no_code(folder: Path) -> None:
    """Look at what a bundle says that it needs.

    Raises:
        BundleRefused: that is code of somebody's.
    """
    for name in (RECIPE, SPEC, MANIFEST):
        path = folder / name
        if path.is_file():
            _see(name, parsed_json(name, path.read_bytes()))
    path = folder / PARAMS
    said = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8")) if path.is_file() else {}
    if isinstance(said, dict) and said.get("plugins"):
        raise BundleRefused("code", f"{PARAMS} names plug-ins")


def brought(content: Any) -> list[str]:
    """Return which keys of an order, at any depth, hold the source of a function."""
    if isinstance(content, dict):
        own = ["source"] if content.get("source") else []
        own += [f"columns.{key}" for key, value in _columns(content).items() if value]
        return own + [each for value in content.values() for each in brought(value)]
    return [each for value in content for each in brought(value)] if isinstance(content, list) else []


def _columns(content: dict[str, Any]) -> dict[str, Any]:
    columns = content.get("columns")
    return columns if isinstance(columns, dict) else {}


def _see(name: str, content: Any) -> None:
    if not isinstance(content, dict):
        raise BundleRefused("json", f"{name} is no object")
    if name == RECIPE and content.get("plugins"):
        raise BundleRefused("code", f"{name} needs plug-ins from outside of the package")
    if name == SPEC and (found := brought(content)):
        raise BundleRefused("code", f"{name} holds the functions {', '.join(found)}")
    code = content.get("code") if name == MANIFEST else None
    if isinstance(code, dict) and code.get("patch") and not str(code["patch"]).startswith(UNKNOWN):
        raise BundleRefused("code", f"{name} tells of uncommitted code")
