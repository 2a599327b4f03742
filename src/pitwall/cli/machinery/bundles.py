"""How bundles are named and shown on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pitwall.cli._output import table

if TYPE_CHECKING:
    from rich.table import Table

    from pitwall.workflows.hub.receiving import Received
    from pitwall.workflows.hub.standing import Standing

SHORT = 12
WHO = ("bundle", "name", "model", "version", "owner", "key")
NUMBERS = ("rating", "ratings", "this week", "downloads")
REPRODUCED = "trained again"
BundleArgument = Annotated[
    str,
    typer.Argument(
        metavar="BUNDLE", help="Of `pitwall hub list`: NAME, NAME@VERSION, or its hash or the beginning of that."
    ),
]


def market(title: str, found: Sequence[Standing]) -> Table:
    """Return versions as people think of them as a table."""
    made: Table = table(title, [*WHO, *NUMBERS, REPRODUCED], map(_line, found), right=NUMBERS)
    return made


def said(bundle: Received) -> str:
    """Return what a bundle is in one line."""
    about = bundle.about
    return f"{about.name} ({about.model} version {about.version} of {about.owner}), bundle {bundle.hash[:SHORT]}"


def row(bundle: Received) -> dict[str, Any]:
    """Return what a bundle is as JSON."""
    return {"bundle": bundle.hash, **bundle.about.model_dump(mode="json")}


def standing_row(each: Standing) -> dict[str, Any]:
    """Return a bundle as JSON, and what people think of it."""
    numbers = {
        "rating": each.rating,
        "ratings": each.ratings,
        "downloads": each.downloads,
        "downloads_this_week": each.this_week,
        "my_rating": each.mine,
        "own": each.own,
        "badge": asdict(each.badge) if each.badge else None,
    }
    return row(each.bundle) | numbers


def cell(value: Any) -> str:
    """Return a value of a score as text."""
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def _line(each: Standing) -> list[str]:
    about, badge = each.bundle.about, each.badge.outcome if each.badge else ""
    who = [each.bundle.hash[:SHORT], about.name, about.model, str(about.version), about.owner, about.key[:SHORT]]
    return [*who, f"{each.rating:.2f}", str(each.ratings), str(each.this_week), str(each.downloads), badge]
