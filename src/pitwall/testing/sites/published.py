"""A dump as each public source would publish it, on this machine: for checks that run over all sources."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pitwall.testing.sites.f1db_release import NAME, F1dbRelease
from pitwall.testing.sites.jolpica_api import JolpicaApi
from pitwall.testing.sites.site import Site


@contextmanager
def published(name: str, dump: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the location at which a source finds a dump, and the settings by which it asks for all of it."""
    if name == "jolpica":
        with Site(JolpicaApi(dump)) as site:
            yield site.url, {"first_season": 2017, "last_season": 2018}
    elif name == "f1db":
        with Site(F1dbRelease(dump)) as site:
            yield f"{site.url}{NAME}", {"max_download_mb": 50}
    else:
        yield str(dump), {}
