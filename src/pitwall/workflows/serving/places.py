"""Where a server finds things: `serving/<name>/` with its versions, the one that is live, its vectors and its history."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pitwall.domain.errors import ServingError
from pitwall.domain.files import write_atomically
from pitwall.domain.project import Project

NUMBER = re.compile(r"\d{1,9}")
VECTORS = re.compile(r"(?P<race>\d{4}-\d{2})-(?P<stage>[a-z_]+)\.parquet")
SHARED = ("forecasts", "championship")  # folders beside those of the models


@dataclass(frozen=True)
class Place:
    """The folder of one registered name.

    Example:
        >>> Place(Project(Path("/p")), "order-pre_race").version(3).as_posix()
        '/p/serving/order-pre_race/3'
    """

    project: Project
    name: str

    @property
    def root(self) -> Path:
        """The folder itself."""
        return self.project.serving / self.name

    @property
    def live(self) -> Path:
        """The file that names the version that answers."""
        return self.root / "live"

    @property
    def test(self) -> Path:
        """The file that names the challenger and its share of the races; there while a test runs."""
        return self.root / "ab.json"

    @property
    def history(self) -> Path:
        """What was decided about the model's versions, as the registry had it."""
        return self.root / "history.json"

    def version(self, number: int) -> Path:
        """Return the folder of a version."""
        return self.root / str(number)

    def versions(self) -> list[int]:
        """Return the versions that are there, oldest first."""
        return sorted(int(found.name) for found in self.root.glob("[0-9]*") if found.name.isdecimal())

    def vectors(self, race: str, stage: str) -> Path:
        """Return the file with the vectors of a race at a stage."""
        return self.root / "vectors" / f"{race}-{stage}.parquet"

    def races(self) -> list[str]:
        """Return the races of which vectors are there, oldest first."""
        found = (VECTORS.fullmatch(path.name) for path in (self.root / "vectors").glob("*.parquet"))
        return sorted({match["race"] for match in found if match})

    def named(self) -> int | None:
        """Return the version that `live` names; None without one.

        Raises:
            ServingError: it names none.
        """
        try:
            text = self.live.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise ServingError(f"{self.live} cannot be read ({error}).") from error
        if NUMBER.fullmatch(text) is None:
            raise ServingError(f"{self.live} holds {text[:40]!r} and not a version; run `pitwall serve --export`.")
        return int(text)

    def make_live(self, number: int) -> None:
        """Let a version answer from now on; servers see it within a second."""
        text = f"{number}\n"
        if not self.live.is_file() or self.live.read_bytes() != text.encode():
            write_atomically(self.live, text)


def served_names(project: Project) -> list[str]:
    """Return the registered names of which a version is live, sorted."""
    return sorted(path.parent.name for path in project.serving.glob("*/live"))


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a mapping in one step."""
    write_atomically(path, json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n")


def read_json(path: Path) -> dict[str, Any]:
    """Read a mapping.

    Raises:
        ServingError: there is none, or it is damaged.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ServingError(f"{path} cannot be read ({type(error).__name__}: {error}).") from error
    if not isinstance(content, dict):
        raise ServingError(f"{path} holds a {type(content).__name__} and not a mapping.")
    return content
