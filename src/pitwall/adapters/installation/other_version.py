"""The version of the package that a run was made with, installed into a folder where it is not the one at hand.

Only a wheel is taken, without its dependencies: they are those of this environment, and where they are not the run's, that is
said elsewhere. Nothing of it is run before its bytes are known to be the run's.
"""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from pitwall.adapters.installation.package import FOLDER, InstalledPackage, digest, file_hashes, installed
from pitwall.domain.errors import NotRepeatable

log = logging.getLogger(__name__)

LINES = 3  # of what the installer said


def provide(name: str, version: str, sha256: str, target: Path) -> Path | None:
    """Return the folder to put first on Python's search path for a package; None where the installed one is it.

    Args:
        name: of the distribution.
        version: that is needed.
        sha256: over its files.
        target: a new folder to install it into.

    Raises:
        NotRepeatable: it cannot be had, or what the index holds under this version is something else.
    """
    here = installed()
    if (here.version, here.sha256) == (version, sha256):
        return None
    wanted = f"{name} {version}"
    instead = _instead(here, wanted)
    log.info("%s; installing %s from the configured index into the scratch copy", instead, wanted)
    _install(f"{name}=={version}", target, f"it needs {wanted}, and {instead}")
    found = digest(file_hashes(target / FOLDER))
    if found != sha256:
        raise NotRepeatable(
            [
                f"it needs {wanted} with sha256 {sha256[:12]}, and {instead}; "
                f"what the index gives as {wanted} is another one (sha256 {found[:12]})"
            ]
        )
    return target


def _instead(here: InstalledPackage, wanted: str) -> str:
    if here.reason:
        return f"what runs here is no installed wheel ({here.version}): {here.reason}"
    if str(here) != wanted:
        return f"{here} is installed"
    edited = ", ".join(here.changed[:LINES])
    return f"the installed {here} has other files" + (f", edited: {edited}" if edited else "")


def _install(requirement: str, target: Path, needed: str) -> None:
    """Install one wheel by pip, else by uv, as they are configured.

    Raises:
        NotRepeatable: there is neither, or the installer refused; carries its last lines.
    """
    command = [
        *_installer(needed),
        "--no-deps",
        "--only-binary",
        ":all:",
        "--quiet",
        "--target",
        str(target),
        requirement,
    ]
    done = subprocess.run(command, env=_environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        said = " ".join(done.stderr.strip().splitlines()[-LINES:])
        raise NotRepeatable(
            [
                f"{needed}; it could not be installed: {said}. Name an index or a folder that has its wheel: PIP_INDEX_URL, "
                "PIP_FIND_LINKS (for uv: UV_DEFAULT_INDEX, UV_FIND_LINKS), or install that version and try again"
            ]
        )


def _installer(needed: str) -> list[str]:
    if find_spec("pip"):
        return [sys.executable, "-m", "pip", "install", "--disable-pip-version-check"]
    here = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    if uv := shutil.which("uv", path=here):
        return [uv, "pip", "install", "--python", sys.executable]
    raise NotRepeatable([f"{needed}; neither pip nor uv is here to install it"])


def _environment() -> dict[str, str]:
    """Return our environment without the search path: the installer is not to find us there."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
