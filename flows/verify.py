"""The flow that verifies a shared bundle and trains its model again, as a job of the pages: what comes out is its badge (docs/hub.md).

open → repeat
"""

from __future__ import annotations

import sys
from typing import Any

from prefect import flow

from pitwall.domain.access.words import LOCAL
from tasks import ordering, repeating


@flow(name="verify")
def verify_bundle(bundle: str, by: str = LOCAL) -> dict[str, Any]:
    """Verify a bundle that was taken here from its zip, train its model again in a scratch copy, and keep what came out.

    Args:
        bundle: its hash.
        by: who asks.
    """
    ordering.begun()
    opened = repeating.open_again(bundle)
    return ordering.left(repeating.row(opened, repeating.repeat(opened, by)))


if __name__ == "__main__":
    from flows._run import run_as_command

    sys.exit(run_as_command(verify_bundle, "flows.verify", "bundle", "by"))
