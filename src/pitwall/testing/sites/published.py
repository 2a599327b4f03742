"""A dump as each public source would publish it, on this machine: for checks that run over all sources."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pitwall.testing.sites.f1db_release import NAME, F1dbRelease
from pitwall.testing.sites.fastf1_library import FakeFastF1, installed
from pitwall.testing.sites.jolpica_api import JolpicaApi
from pitwall.testing.sites.openf1_api import OpenF1Api
from pitwall.testing.sites.site import Site

SMALL = {"seasons": 2, "teams": 4, "races": 4, "laps_seasons": 1}


def with_laps(folder: Path) -> Path:
    """Return a folder with the small synthetic world, laps included."""
    from pitwall.sources.synthetic import SyntheticSettings, fetch

    folder.mkdir()
    fetch(None, SyntheticSettings.model_validate(SMALL), folder)
    return folder


@contextmanager
def published(name: str, dump: Path) -> Iterator[tuple[str | None, dict[str, Any]]]:
    """Yield the location at which a source finds a dump, and the settings by which it asks for all of it."""
    if name == "jolpica":
        with Site(JolpicaApi(dump)) as site:
            yield site.url, {"first_season": 2017, "last_season": 2018}
    elif name == "f1db":
        with Site(F1dbRelease(dump)) as site:
            yield f"{site.url}{NAME}", {"max_download_mb": 50}
    elif name == "openf1":
        with Site(OpenF1Api(with_laps(dump / "with_laps"))) as site:
            yield site.url, {"first_season": 2017, "last_season": 2018, "first_pause_s": 0.01}
    elif name == "fastf1":
        with installed(FakeFastF1(with_laps(dump / "with_laps"))):
            yield None, {"first_season": 2018, "last_season": 2018}
    else:
        yield str(dump), {}
