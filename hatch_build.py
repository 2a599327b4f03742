"""Put what `pitwall init` makes a project of into the wheel, from where it lies: the repository holds no second copy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ProjectTemplate(BuildHookInterface):
    """Adds the files of `template` below `pitwall/_project`; an editable install has the checkout itself."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name the files to the builder.

        Raises:
            FileNotFoundError: a pattern of `template` fits no file, so that the wheel would lack a part.
        """
        if version != "standard":
            return
        root = Path(self.root)
        for pattern in self.config["template"]:
            found = sorted(path.relative_to(root).as_posix() for path in root.glob(pattern))
            if not found:
                raise FileNotFoundError(
                    f"no file fits {pattern!r} of tool.hatch.build.targets.wheel.hooks.custom.template"
                )
            build_data["force_include"].update({name: f"pitwall/_project/{name}" for name in found})
