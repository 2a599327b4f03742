"""The flow of an order: train what somebody asked for, and ask of it what the gates will ask. Nothing is registered.

rows → tune → judge → refit → audit → compare
"""

from __future__ import annotations

import sys
from typing import Any

from prefect import flow

from tasks import data, ordering, training


@flow(name="order")
def train_order(order: str) -> dict[str, Any]:
    """Train a draft by an order, audit it, and hold it against its baselines.

    Args:
        order: the text of an order's file.
    """
    ordering.begun()
    with data.exclusive("order"):
        training.close_killed_runs()
        draft = ordering.rows(order)
        with training.closing(draft.run_id):
            recipe = ordering.tune(draft)
            ordering.judge(draft, recipe)
            ordering.refit(draft, recipe)
        verdicts = [*ordering.audit(draft), *ordering.compare(draft)]
    return ordering.trained(draft, verdicts)


if __name__ == "__main__":
    from flows._run import run_as_command

    sys.exit(run_as_command(train_order, "flows.order", "order"))
