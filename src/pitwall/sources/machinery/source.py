"""What a data source is: a name, its role, its settings, and one function that writes raw files of that role's format.

A source only fetches. Checking the files, keeping snapshots and making tables is the same for all and lives beside this.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pitwall.domain.errors import UsageError
from pitwall.domain.params import Params, Section, section_settings
from pitwall.domain.racing.data_world import MOMENT
from pitwall.sources.machinery.around import Around

Fetch = Callable[[str | None, Any, Path], Sequence[str] | None]
FetchAround = Callable[[str | None, Any, Path, Around], Sequence[str] | None]
Role = Literal["results", "laps", "both", "user"]
LOCATION, BESIDE = "location", "beside"  # settings that every source may have


@dataclass(frozen=True)
class Source:
    """A data source.

    Attributes:
        name: how params.yaml and the command line call it.
        summary: one line for people.
        attribution: whom to credit, with the licence.
        needs_location: True when it reads from a folder, file or URL that the user names.
        Settings: the parameters below `sources.<name>` of params.yaml.
        fetch: `fetch(location, settings, folder)` writes raw files into an empty folder or raises SourceError. It may return lines
            that say which files it found and does not read.
        fetch_around: instead of `fetch`, for a source that keeps pages between fetches or needs ids that the project knows.
        published: the address at which it is asked when no location is given; None for files.
        role: what it brings: "results" (an Ergast-format dump, the calendar included; a project has one), "laps" (lap
            data of the same races; any number), "both" (a dump with laps beside it) or "user" (files that a user keeps of
            the same races).
        deterministic: True for an embedded world whose bytes follow from its settings alone. Other settings (or another
            `version`) are then another world, not a correction of the first; only those of `domain.world.MOMENT` are not.
        version: of a deterministic source; raised when its bytes change.
    """

    name: str
    summary: str
    attribution: str
    needs_location: bool
    Settings: type[Section]
    fetch: Fetch | None = None
    fetch_around: FetchAround | None = field(default=None, kw_only=True)
    published: str | None = field(default=None, kw_only=True)
    role: Role = "results"
    deterministic: bool = False
    version: str = "1"

    def __post_init__(self) -> None:
        """Refuse a source that nobody could fetch from, or that says twice how."""
        if (self.fetch is None) == (self.fetch_around is None):
            raise UsageError(f"the source {self.name} needs `fetch` or `fetch_around`, one of the two.")

    @property
    def brings_results(self) -> bool:
        """Return whether a project can live on it: it brings the calendar and the results."""
        return self.role in ("results", "both")

    def settings(self, params: Params) -> Section:
        """Return the checked settings of this source in params.yaml."""
        given = params.sources.get(self.name, {})
        values = {key: value for key, value in given.items() if key not in (LOCATION, BESIDE)}
        return section_settings(self.Settings, values, f"sources.{self.name}")

    def location(self, params: Params) -> str | None:
        """Return where params.yaml says that this source is, None for an embedded one."""
        location = params.sources.get(self.name, {}).get(LOCATION)
        return None if location is None else str(location)

    def beside(self, params: Params) -> str | None:
        """Return what it decides as a source beside the one that the project lives on; None where it is no such."""
        text = params.sources.get(self.name, {}).get(BESIDE)
        return None if text is None else str(text)

    def world(self, settings: Section) -> str:
        """Return which history a snapshot belongs to; only snapshots of one world can correct each other."""
        if not self.deterministic:
            return self.name
        return f"{self.name} {self.version} {json.dumps(settings.model_dump(exclude=set(MOMENT)), sort_keys=True)}"

    def fetch_files(self, location: str | None, settings: Section, folder: Path, around: Around) -> Sequence[str]:
        """Write raw files into an empty folder, and return lines that say what is not read; see `fetch` for errors."""
        if self.fetch_around is not None:
            return self.fetch_around(location, settings, folder, around) or ()
        assert self.fetch is not None  # `__post_init__` saw to it
        return self.fetch(location, settings, folder) or ()

    def check_location(self, location: str | None) -> None:
        """Refuse a missing location, or one that the source would ignore.

        Raises:
            UsageError: says what to add or to drop.
        """
        if self.needs_location and not location:
            raise UsageError(
                f"the source {self.name} needs a location (folder, zip or URL); give it with "
                f"`pitwall data use {self.name} --location PATH_OR_URL`."
            )
        if location and not self.needs_location and not self.published:
            raise UsageError(
                f"the source {self.name} is embedded and takes no location (found {location!r}); leave it out."
            )
