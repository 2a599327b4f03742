"""`python -m pitwall.serving`: uvicorn with one process or several on the project that we are in, until it is stopped."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from typing import Any

import uvicorn

from pitwall.domain.access.serving_settings import LOOPBACK, TOKENS
from pitwall.domain.errors import PitwallError
from pitwall.domain.project import Project, find_project
from pitwall.serving.metrics import FOLDER, SHARED

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
PORT = 8000


def serve(host: str = LOOPBACK[0], port: int = PORT, workers: int = 1, app: str = "pitwall.serving") -> None:
    """Serve until stopped.

    Args:
        host: to listen on; with another one than loopback everybody needs a token.
        port: to listen on.
        workers: processes; each answers one question at a time.
        app: the package whose app is served.

    Raises:
        ProjectNotFound: we are in none.
    """
    project = find_project()
    os.environ["PITWALL_HOME"] = str(project.root)
    if host not in LOOPBACK:
        os.environ[TOKENS] = "always"
    for name in THREADS:
        os.environ.setdefault(name, "1")  # a race is small: a second thread costs more than it does
    if workers > 1:
        _share_metrics(project)
    uvicorn.run(
        f"{app}.app:from_environment",
        factory=True,
        host=host,
        port=port,
        workers=workers,
        loop="uvloop",
        http="httptools",
        access_log=False,
        server_header=False,
        date_header=True,
        log_config=logging_config(),
        timeout_graceful_shutdown=10,
    )


def logging_config() -> dict[str, Any]:
    """Return logging with one JSON object a line, on standard error."""
    handler = {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stderr"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "pitwall.serving.json_lines.JsonLines"}},
        "handlers": {"stderr": handler},
        "root": {"handlers": ["stderr"], "level": "INFO"},
        "loggers": {"uvicorn": {"level": "INFO"}, "uvicorn.error": {"level": "INFO"}, "httpx": {"level": "WARNING"}},
    }


def _share_metrics(project: Project) -> None:
    """Let the workers add their numbers up, beginning with none."""
    folder = project.state / "serving" / "metrics"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ[FOLDER] = os.environ[SHARED] = str(folder)


def main() -> int:
    """Run as a command."""
    parser = argparse.ArgumentParser(prog="python -m pitwall.serving", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--host", default=LOOPBACK[0])
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--workers", type=int, default=1)
    chosen = parser.parse_args()
    try:
        serve(chosen.host, chosen.port, chosen.workers)
    except PitwallError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
