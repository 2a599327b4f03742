"""DVC as the owner of "which bytes": what is stale, bring it up to date, record what ran outside.

DVC is called as a command, not through its Python API: a stage's output then streams line by line, a killed run leaves
nothing half-open in our process, and what we do is what a user could type. Never from inside a stage.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from pitwall.adapters.installation.code_file import write_code_file
from pitwall.adapters.processes.lock import inherited
from pitwall.domain.errors import StageError
from pitwall.domain.project import Project
from pitwall.domain.refs import file_md5

log = logging.getLogger(__name__)

DATA_STAGES = ("ingest", "tables", "features", "frames")
TAIL = 12
DATA = "data/"
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's reads a lock file ten times as fast


class DvcRepo:
    """`ports.DataVersions` on the project's DVC repository."""

    def __init__(self, project: Project, environment: Mapping[str, str] | None = None) -> None:
        """Work on a project; `environment` replaces the variables of this process for what DVC runs."""
        self._project, self._environment = project, environment

    def hashes(self) -> dict[str, str]:
        """Return {output path: hash} of the data stages, as dvc.lock records them."""
        return {
            out["path"]: out["md5"]
            for stage in self._lock().values()
            for out in stage.get("outs", [])
            if out["path"].startswith(DATA)
        }

    def stale(self, stages: Sequence[str]) -> list[str]:
        """Return those of the stages (a group's members by their names) whose inputs or outputs differ from dvc.lock."""
        status = self.status(*stages)
        return [found for stage in stages for found in status if stage in (found, found.split("@")[0])]

    def status(self, *stages: str) -> Mapping[str, Sequence[Any]]:
        """Return {stage: what differs from dvc.lock}, in DVC's words, of some stages or of all that are not up to date."""
        found: Mapping[str, Sequence[Any]] = json.loads(self._read("status", "--json", *stages))
        return found

    def recorded(self) -> Mapping[str, Mapping[str, Any]]:
        """Return the stages of dvc.lock: inputs and outputs with their hashes, parameters by value."""
        return self._lock()

    def reproduce(self, stages: Sequence[str], force: bool = False) -> bool:
        """Bring stages, and what they depend on, up to date; True if dvc.lock changed.

        Args:
            stages: DVC stage names.
            force: run exactly these stages in any case, without what they depend on.

        Raises:
            StageError: a stage failed; the message ends with what the stage said.
        """
        before = self._lock()
        self._stream("repro", *(["--force", "--single-item"] if force else []), *stages)
        return self._lock() != before

    def commit(self, *stages: str) -> None:
        """Record the inputs and outputs of stages that were run outside DVC, as they are."""
        self._read("commit", "--force", *stages)

    def push(self, stages: Sequence[str]) -> None:
        """Send the outputs of stages, as recorded, to the default remote.

        Raises:
            StageError: there is no remote, or it cannot be reached.
        """
        self._read("push", "--quiet", *stages)

    def pull(self, outs: Sequence[str]) -> None:
        """Take outputs, as recorded, from the default remote.

        Raises:
            StageError: the remote lacks them or cannot be reached.
        """
        self._read("pull", *outs)

    def lacking(self, outs: Sequence[str]) -> list[str]:
        """Return the output folders that the cache does not hold whole: DVC keeps the list of files last."""
        recorded = self.hashes()
        return [out for out in outs if not self._object(recorded[out]).is_file()]

    def damaged(self, outs: Sequence[str]) -> list[str]:
        """Return the files of output folders whose bytes are not those that dvc.lock stands for.

        DVC trusts a remote: it takes a file that was changed there for what its name says.
        """
        recorded = self.hashes()
        return [path for out in outs for path in self._damaged(out, recorded[out])]

    def _damaged(self, out: str, md5: str) -> list[str]:
        listing, root = self._object(md5), self._project.root
        if f"{file_md5(listing)}.dir" != md5:
            return [f"the list of files of {out}"]
        files = {f"{out}/{each['relpath']}": each["md5"] for each in json.loads(listing.read_text(encoding="utf-8"))}
        return [path for path, wanted in files.items() if file_md5(root / path) != wanted]

    def _object(self, md5: str) -> Path:
        """Return where the project's own cache keeps an object."""
        return self._project.root / ".dvc" / "cache" / "files" / "md5" / md5[:2] / md5[2:]

    def _lock(self) -> dict[str, Any]:
        path = self._project.dvc_lock
        if not path.is_file():
            return {}
        content = yaml.load(path.read_text(encoding="utf-8"), LOADER) or {}  # noqa: S506  (a safe one)
        return dict(content.get("stages", {}))

    def _read(self, *arguments: str) -> str:
        done = subprocess.run(
            self._command(*arguments),
            cwd=self._project.root,
            env=self._env(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise StageError(f"`dvc {' '.join(arguments)}` failed:\n{done.stderr.strip() or done.stdout.strip()}")
        return done.stdout

    def _stream(self, *arguments: str) -> None:
        """Run DVC and log each line as it comes; a failure carries the last ones."""
        last: deque[str] = deque(maxlen=TAIL)
        with subprocess.Popen(
            self._command(*arguments),
            cwd=self._project.root,
            env=self._env(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            for line in process.stdout or ():
                if text := line.rstrip():
                    last.append(text)
                    log.info("%s", text)
        if process.returncode:
            raise StageError(f"`dvc {' '.join(arguments)}` failed. Its last lines:\n" + "\n".join(last))

    def _command(self, *arguments: str) -> list[str]:
        if stage := os.environ.get("DVC_STAGE"):
            raise StageError(f"DVC was asked to run inside its own stage {stage!r}; call the stage's function instead.")
        if self._environment is None:  # a scratch copy may run another version, and has said so itself
            write_code_file(self._project)
        return [sys.executable, "-m", "dvc", *arguments]

    def _env(self) -> dict[str, str]:
        """Return DVC's environment: its `python` is ours, nothing phones home, and its stages may enter the lock we hold."""
        here = str(Path(sys.executable).parent)
        variables = os.environ if self._environment is None else self._environment
        return {
            **variables,
            **inherited(self._project),
            "PATH": os.pathsep.join([here, variables.get("PATH", "")]),
            "DVC_NO_ANALYTICS": "1",
            "PYTHONUNBUFFERED": "1",
        }
