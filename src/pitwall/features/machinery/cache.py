"""What the last build of the features read and wrote, kept where DVC does not delete it.

DVC empties `data/features` before the stage runs, and a `persist`ed folder would mix what a revision holds with what an
earlier one left behind. So the inputs and outputs of the last build lie in the project's own state (`.pitwall/features`),
each under the hash that it had. Deleting the folder costs one full build and nothing else.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from pitwall import domain, features
from pitwall.domain.params import Params
from pitwall.domain.project import Project
from pitwall.domain.refs import file_md5
from pitwall.features import machinery
from pitwall.features.machinery.group import FeatureGroup

RECIPE = "recipe.json"


class LastBuild:
    """The tables that the last build read and the groups that it wrote; empty when there was none, or it was damaged."""

    def __init__(self, project: Project) -> None:
        self._folder = project.state / "features"
        recipe = self._folder / RECIPE
        written = json.loads(recipe.read_text(encoding="utf-8")) if recipe.is_file() else {}
        self._recipes: dict[str, str] = written.get("recipes", {})
        self._files: dict[str, str] = written.get("files", {})
        self._whole: dict[Path, bool] = {}

    def has_group(self, group: FeatureGroup, params: Params) -> bool:
        """Return whether the group's table is here, made by the same code, settings and library versions."""
        made = self._recipes.get(group.name)
        return made is not None and made == recipe_of(group, params) and self._is_whole(self.group_file(group.name))

    def has_tables(self, names: Iterable[str]) -> bool:
        """Return whether all of these tables are here."""
        return all(self._is_whole(self.table_file(name)) for name in names)

    def md5_of_table(self, name: str) -> str | None:
        """Return the hash of a table that the last build read; None if it read none of that name."""
        return self._files.get(str(self.table_file(name).relative_to(self._folder)))

    def table_file(self, name: str) -> Path:
        """Return where the copy of a table lies."""
        return self._folder / "tables" / f"{name}.parquet"

    def group_file(self, name: str) -> Path:
        """Return where the copy of a group's table lies."""
        return self._folder / "groups" / f"{name}.parquet"

    def keep(self, project: Project, recipes: Mapping[str, str], tables: Iterable[str]) -> None:
        """Put copies of what a build read and wrote in the place of the previous ones.

        A crash half-way leaves no recipe, and so no last build.
        """
        shutil.rmtree(self._folder, ignore_errors=True)
        copies = {self.table_file(name): project.tables / f"{name}.parquet" for name in tables}
        copies |= {self.group_file(name): project.features / f"{name}.parquet" for name in recipes}
        for target, source in copies.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        files = {str(target.relative_to(self._folder)): file_md5(target) for target in copies}
        content = json.dumps({"recipes": dict(recipes), "files": files}, indent=1, sort_keys=True)
        (self._folder / RECIPE).write_text(content + "\n", encoding="utf-8")

    def _is_whole(self, path: Path) -> bool:
        known = self._files.get(str(path.relative_to(self._folder)))
        if known is not None and path not in self._whole:
            self._whole[path] = path.is_file() and file_md5(path) == known
        return known is not None and self._whole[path]


def recipe_of(group: FeatureGroup, params: Params) -> str | None:
    """Return a hash of all that a group's rows depend on beside its tables: code, settings, time rules, libraries.

    None for a group whose code is in no file (a notebook's): it is computed every time.
    """
    own = home_of(group)
    if own is None:
        return None
    whole = hashlib.sha256(_machinery() + own.read_bytes())
    settings = [group.settings(params).model_dump_json(), params.time.model_dump_json(), group.reach]
    for part in [*settings, sys.version, np.__version__, pd.__version__]:
        whole.update(part.encode() + b"|")
    return whole.hexdigest()


def home_of(group: FeatureGroup) -> Path | None:
    """Return the plug-in file that says `GROUP = ` this group, wherever its functions come from."""
    plugins = [module for name, module in sorted(sys.modules.items()) if name.startswith(f"{features.__name__}.")]
    home = next((module.__file__ for module in plugins if vars(module).get("GROUP") is group), None)
    return Path(home) if home and Path(home).is_file() else None


@cache
def _machinery() -> bytes:
    """Return a hash of the code that all groups share, as it was when this process began."""
    homes = [Path(domain.__path__[0]), Path(machinery.__path__[0])]
    whole = hashlib.sha256()
    for home in homes:
        for path in sorted(home.rglob("*.py")):
            whole.update(path.relative_to(home).as_posix().encode() + b"|" + path.read_bytes() + b"|")
    return whole.digest()
