"""Tasks of the feature layer."""

from __future__ import annotations

from prefect import task
from prefect.cache_policies import NO_CACHE

from pitwall import wiring
from pitwall.domain.project import find_project


@task(cache_policy=NO_CACHE)
def materialise() -> None:
    """Bring the online store forward to the newest features."""
    import pandas as pd

    wiring.feature_reader(find_project()).materialise(pd.Timestamp.now("UTC"))
