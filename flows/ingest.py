"""The ingest flow: ask the source for news and bring the data stages up to date."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Any

from prefect import flow

from pitwall.domain.clock import replaying
from tasks import data


@flow(name="ingest")
def ingest(now: str = "") -> dict[str, Any]:
    """Fetch, keep a snapshot if there is news, and reproduce tables, features and frames; `now` is the past instant to replay."""
    with replaying(now), data.exclusive("ingest"):
        data.ingest()
        return asdict(data.reproduce_data())


if __name__ == "__main__":
    from flows._run import run_as_command

    sys.exit(run_as_command(ingest, "flows.ingest", "now"))
