"""Load the model of a bundle in a process of its own, which has limits before it reads a byte.

The libraries that read boosters and tables are large and written in C; a file that breaks one breaks that process. It works in a scratch
project in quarantine that has the order of the bundle, and no plug-ins.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from pitwall.workflows.hub.form import About
from pitwall.workflows.hub.opening.refusal import BundleRefused

SECONDS = 300  # of a clock, on a machine that is busy; the processor time has its own limit
KEPT = ("PATH", "PYTHONPATH", "HOME", "LANG", "LD_LIBRARY_PATH", "TZ")  # no secrets of ours
QUIET = {"OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1", "MPLBACKEND": "agg"}


def see_loadable(files: Path, about: About) -> None:
    """Load a model and let it answer its own sample, with limits.

    Args:
        files: of the bundle.
        about: its `bundle.json`.

    Raises:
        BundleRefused: it cannot be loaded, or is not the one that `bundle.json` tells of.
    """
    home = files.with_name("home")
    try:
        said = _asked(files, home, about)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    if "error" in said:
        raise BundleRefused("model", said["error"])
    told = {"model": about.model, "estimator": about.estimator}
    if found := {name: said.get(name) for name in told if said.get(name) != told[name]}:
        raise BundleRefused("model", f"{found}, where bundle.json says {told}")


def _asked(files: Path, home: Path, about: About) -> dict[str, str]:
    home.mkdir()
    for name, text in (("params.yaml", "{}\n"), ("dvc.yaml", "stages: {}\n")):
        (home / name).write_text(text, encoding="utf-8")
    if (files / "spec").is_dir():
        shutil.copytree(files / "spec", home / ".pitwall" / "specs" / about.model.rpartition("-")[0])
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    command = [sys.executable, "-m", "pitwall.workflows.hub.opening.load", str(files), about.model]
    try:
        done = subprocess.run(
            command,
            env={**environment, **QUIET, "PITWALL_HOME": str(home)},
            cwd=home,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"error": f"loading it took more than {SECONDS} s"}
    try:
        return {str(name): str(value) for name, value in json.loads(done.stdout.splitlines()[-1]).items()}
    except (ValueError, IndexError, AttributeError):
        return {"error": f"the process that loaded it ended with {done.returncode}"}
