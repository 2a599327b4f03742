"""Write the estimators' names of today into params.yaml; comments and order stay as they are."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ruamel.yaml import YAML

from pitwall.domain.project import Project
from pitwall.domain.renames import Names, renames


def rename_in_params(project: Project, dry_run: bool) -> list[str]:
    """Rename the estimators of models whose family has renamed them: the model `order` is all that the version before had."""
    text = project.params.read_text(encoding="utf-8")
    models = (YAML(typ="safe", pure=True).load(text) or {}).get("models") or {}
    done = []
    for model, known in renames().estimators.items():
        settings = models.get(model)
        old = str(settings.get("estimator")) if isinstance(settings, Mapping) else ""
        if old in known:
            done.append(f"models.{model}.estimator: {old} -> {known[old]}")
            text = _renamed(text, model, old, known)
    if done and not dry_run:
        project.params.write_text(text, encoding="utf-8")
    return done


def _renamed(text: str, model: str, old: str, known: Names) -> str:
    """Return the text with the estimator of one model replaced: in its own block or braces, nowhere else."""
    value = rf"""(estimator["']?\s*:\s*["']?){re.escape(old)}\b"""
    block = re.compile(rf"""(?ms)^(?P<indent>[ ]+)["']?{re.escape(model)}["']?:.*?(?=^(?P=indent)\S|^\S|\Z)""")
    return block.sub(lambda found: re.sub(value, rf"\g<1>{known[old]}", found.group(), count=1), text, count=1)
