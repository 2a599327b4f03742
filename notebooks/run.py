"""Run every notebook of this folder in a project, one after the other, and keep the executed copies below `reports/notebooks`.

    python notebooks/run.py [NAME ...] [--project FOLDER]

Ends with exit code 1 where a cell has failed, after the others have run, and shows the cell and its error.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
CELL_SECONDS = 300


def main() -> int:
    """Run the notebooks that are named, or all."""
    parser = argparse.ArgumentParser(description="Run the notebooks of this folder in a project.")
    parser.add_argument("names", nargs="*", help="without the ending; all of them when none is named")
    parser.add_argument(
        "--project", type=Path, default=FOLDER.parent, help="that they run in; the one of this folder by default"
    )
    asked = parser.parse_args()
    found = {path.stem: path for path in sorted(FOLDER.glob("*.ipynb"))}
    if unknown := [name for name in asked.names if name not in found]:
        parser.error(f"there is no notebook {', '.join(unknown)}; there are {', '.join(found)}")
    project = asked.project.resolve()
    if not (project / "params.yaml").is_file():
        parser.error(f"{project} is no project: it holds no params.yaml")
    failed = [name for name in asked.names or found if not run(found[name], project)]
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed or not found else 0


def run(path: Path, project: Path) -> bool:
    """Execute one notebook in a kernel of its own, write the executed copy, and tell whether every cell went through."""
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    started = time.monotonic()
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        kernel_name="python3",
        resources={"metadata": {"path": str(project)}},
        extra_arguments=["--log-level=ERROR"],
    )
    error = ""
    try:
        client.execute(env={**os.environ, "PITWALL_HOME": str(project)})
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as stopped:
        error = str(stopped)
    copy = project / "reports" / "notebooks" / path.name
    copy.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, copy)
    print(f"{'FAILED' if error else 'ran'} {path.name} in {time.monotonic() - started:.0f} s: {copy}", flush=True)
    if error:
        print(error, file=sys.stderr)
    return not error


if __name__ == "__main__":
    sys.exit(main())
