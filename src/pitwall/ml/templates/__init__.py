"""Model templates, one file each. A file that ends with `TEMPLATE = ...` is found here."""

from __future__ import annotations

import sys

from pitwall.domain.plugins import discover, pick
from pitwall.ml.templates._template import Template

__all__ = ["Template", "answered_by", "template", "templates"]


def templates() -> dict[str, Template]:
    """Return all templates by name."""
    return discover(sys.modules[__name__], "TEMPLATE")


def template(name: str) -> Template:
    """Return one template; raise UnknownName with the nearest known one."""
    found: Template = pick("template", name, templates())
    return found


def answered_by(model: str) -> list[Template]:
    """Return the templates that a model answers, sorted by name."""
    return [plugin for plugin in templates().values() if plugin.model == model]
