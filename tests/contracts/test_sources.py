"""Every data source passes the contract, whatever it is."""

from dataclasses import replace
from pathlib import Path

import pytest

from pitwall.domain.errors import UsageError
from pitwall.sources import sources
from pitwall.sources.synthetic import SyntheticSettings
from pitwall.testing.checks.source import SMALL_WORLD, check_source, small_laps, small_user_files
from pitwall.testing.sites.published import published

SMALL = SyntheticSettings.model_validate({**SMALL_WORLD, "laps_seasons": 1})


@pytest.mark.parametrize("name", sorted(sources()))
def test_source_passes_the_contract(name: str, tmp_path: Path) -> None:
    source = sources()[name]
    dump = tmp_path / "dump"
    dump.mkdir()
    if source.role == "results":
        sources()["synthetic"].fetch(None, SMALL, dump)
    elif source.role == "laps":
        small_laps(dump)
    else:
        small_user_files(dump)
    settings = SMALL if name == "synthetic" else source.Settings()
    with published(name, dump) as (location, more):
        settings = settings.model_copy(update=more)
        tables = check_source(source, tmp_path / "work", settings, location if source.needs_location or more else None)
    assert tables["races"]["season"].nunique() == 2
    coming = set(tables["races"]["race_id"]) - set(tables["results"]["race_id"])
    assert coming, "there must be a race to forecast"


def test_the_sources_and_their_roles() -> None:
    roles = {name: source.role for name, source in sources().items()}
    assert (
        roles.items() >= {"ergast": "results", "synthetic": "both", "fastf1_laps": "laps", "user_files": "user"}.items()
    )


def test_a_source_says_once_how_it_is_fetched() -> None:
    for wrong in ({"fetch": None}, {"fetch_around": lambda *_: None}):
        with pytest.raises(UsageError, match="one of the two"):
            replace(sources()["synthetic"], **wrong)
