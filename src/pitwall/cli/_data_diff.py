"""The screen of `pitwall data diff`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pitwall.cli._output import table
from pitwall.workflows.browse.told import disagreement_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from pitwall.sources.machinery.beside import Compared


def show(screen: Console, found: Mapping[str, Compared], rows: int) -> None:
    """Print how many disagreements there are by table and column, and the first of each."""
    for name, compared in found.items():
        lines = compared.lines
        if lines.empty:
            screen.print(f"{name} agrees wherever both say something")
        else:
            counts = disagreement_table(compared)
            screen.print(table(f"{name} says otherwise", counts.columns, counts.rows, right=counts.numbers))
            for each in lines.groupby(["table", "column"]).head(rows).to_dict("records"):
                where = f"{each['table']} {each['season']:.0f}-{each['round']:02.0f} {each['row']}: {each['column']}"
                values = (
                    "" if each["ours"] is each["theirs"] is None else f" {each['ours']} here, {each['theirs']} there"
                )
                screen.print(f"  {where}{values}", markup=False, soft_wrap=True)
        for kind, unknown in compared.unknown.items():
            if unknown:
                screen.print(
                    f"  {kind} of {name} that are not here: {', '.join(unknown)}", markup=False, soft_wrap=True
                )


def payload(found: Mapping[str, Compared]) -> dict[str, Any]:
    """Return all of it for JSON."""
    return {
        name: {
            "counts": compared.counts(),
            "rows": compared.lines.astype(object).where(compared.lines.notna(), None).to_dict("records"),
            "unknown": compared.unknown,
        }
        for name, compared in found.items()
    }
