"""A throw-away PostgreSQL on loopback, for tests and studies: a fresh cluster in a temporary folder, gone afterwards.

Debian keeps the server's programs outside PATH, and the server refuses to be run by root: then the user `postgres` that
comes with the package runs it.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pitwall.domain.errors import StageError

OWNER = "postgres"
DEBIAN = Path("/usr/lib/postgresql")


def programs() -> Path | None:
    """Return the folder with initdb and pg_ctl, the newest there is; None without PostgreSQL."""
    found = sorted(DEBIAN.glob("*/bin/pg_ctl"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("pg_ctl")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


@contextmanager
def postgres() -> Iterator[str]:
    """Give the address of an empty server, user and password in it, without a database name.

    Raises:
        StageError: there is no PostgreSQL here, or it does not start.
    """
    bin_folder = programs()
    if bin_folder is None:
        raise StageError("there is no PostgreSQL here; install the Debian package postgresql.")
    with tempfile.TemporaryDirectory(prefix="pitwall-pg-") as scratch:
        folder, password = Path(scratch), secrets.token_urlsafe(12)
        (folder / "password").write_text(password)
        if os.geteuid() == 0:
            for path in (folder, folder / "password"):
                shutil.chown(path, OWNER)
        port = _free_port()
        options = f"-p {port} -h 127.0.0.1 -k {folder} -c fsync=off -c max_connections=200"
        _run(
            bin_folder,
            "initdb",
            "-D",
            f"{folder}/data",
            "-U",
            OWNER,
            "-A",
            "scram-sha-256",
            f"--pwfile={folder}/password",
        )
        _run(bin_folder, "pg_ctl", "-D", f"{folder}/data", "-o", options, "-l", f"{folder}/log", "-w", "start")
        try:
            yield f"postgresql://{OWNER}:{password}@127.0.0.1:{port}"
        finally:
            _run(bin_folder, "pg_ctl", "-D", f"{folder}/data", "-m", "immediate", "-w", "stop")


def create_database(server: str, name: str) -> str:
    """Make an empty database on a server of `postgres` and return its address."""
    from sqlalchemy import create_engine, text

    engine = create_engine(f"{server}/{OWNER}", isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}"'))
    finally:
        engine.dispose()
    return f"{server}/{name}"


def _run(bin_folder: Path, program: str, *arguments: str) -> None:
    as_owner = ["runuser", "-u", OWNER, "--"] if os.geteuid() == 0 else []
    # its output goes to a file: the server keeps an inherited pipe open, and we would wait for it for ever
    with tempfile.TemporaryFile() as said:
        command = [*as_owner, str(bin_folder / program), *arguments]
        code = subprocess.run(command, cwd="/", stdout=said, stderr=said, check=False).returncode
        if code:
            said.seek(0)
            raise StageError(f"{program} of PostgreSQL failed:\n{said.read().decode(errors='replace')}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
