"""An order on the command line: trained by its flow, or shown with what it will meet; for all commands that have one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pitwall.cli._output import console, show_verdicts, table, write_json

if TYPE_CHECKING:
    from pitwall.workflows.orders.order import TrainingOrder
    from pitwall.workflows.orders.preview import Preview


def train_order(order: TrainingOrder, *, verbose: bool, json_file: str | None) -> None:
    """Train an order by its flow, and show its draft with what the gates will ask."""
    from pitwall.cli._flow import run_flow
    from pitwall.domain.project import find_project
    from pitwall.workflows.orders.order import written

    result = run_flow(find_project(), "order", "--order", written(order), verbose=verbose)
    screen = console(json_file)
    show_verdicts(screen, result["draft"], result["verdicts"])
    screen.print(f"the draft {result['draft']} is trained; MLflow run {result['run_id']}", soft_wrap=True)
    screen.print(f"deploy it with: pitwall order deploy {result['draft']} {order.name or 'NAME'}", soft_wrap=True)
    write_json(result, json_file)


def show_preview(order: TrainingOrder, json_file: str | None) -> None:
    """Show what an order will meet; nothing is trained."""
    from pitwall.workflows.orders.preview import preview
    from pitwall.workflows.workspace import Workspace

    with Workspace() as workspace:
        found = preview(workspace, order)
    screen = console(json_file)
    rows = [(v.group.name, "yes" if v.chosen else "", v.state, f"{v.share:.0%}", v.why) for v in found.groups]
    screen.print(table("feature groups", ["group", "chosen", order.stage, "rows with a value", ""], rows))
    span = f"{found.seasons[0]} to {found.seasons[-1]}" if found.seasons else "no season"
    screen.print(f"{found.rows} {found.kind.nouns[1]} of {found.races} races, {span}; {found.size_mb:.1f} MB")
    screen.print(f"held against: {', '.join(found.baselines)}")
    for each in found.in_the_way:
        screen.print(f"in the way: {each}", soft_wrap=True)
    write_json(_facts(found), json_file)


def _facts(found: Preview) -> dict[str, Any]:
    return {
        "order": found.order.content(),
        "rows": found.rows,
        "races": found.races,
        "seasons": list(found.seasons),
        "size_mb": found.size_mb,
        "groups": [
            {"name": v.group.name, "chosen": v.chosen, "state": v.state, "share": v.share, "why": v.why}
            for v in found.groups
        ],
        "features": list(found.features),
        "left_out": dict(found.left_out),
        "algorithms": {each.name: each.why_not for each in found.algorithms},
        "baselines": list(found.baselines),
        "in_the_way": list(found.in_the_way),
    }
