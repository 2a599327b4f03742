"""Model templates, one file each. A file that ends with `TEMPLATE = ...` is found here.

A user's model answers one question: a template of these, or a target of the user's own, which its spec says.
"""

from __future__ import annotations

import sys

from pitwall.domain.plugins import discover, pick
from pitwall.ml.specs import find_spec
from pitwall.ml.templates._of_spec import template_of_spec
from pitwall.ml.templates._template import InColumn, Template

__all__ = ["InColumn", "Template", "answered_by", "template", "templates"]


def templates() -> dict[str, Template]:
    """Return all templates that ship or are plug-ins, by name."""
    return discover(sys.modules[__name__], "TEMPLATE")


def template(name: str) -> Template:
    """Return one template, a user's own target too; raise UnknownName with the nearest known one."""
    known = templates()
    if name not in known and (stored := find_spec(name)):
        return template_of_spec(stored, known)
    found: Template = pick("template", name, known)
    return found


def answered_by(model: str) -> list[Template]:
    """Return the templates that a model answers, sorted by name."""
    known = templates()
    found = [plugin for plugin in known.values() if plugin.model == model]
    stored = None if found else find_spec(model)
    return found if stored is None else [template_of_spec(stored, known)]
