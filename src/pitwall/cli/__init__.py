"""The command line: `pitwall`. One file per command group; each command imports what it needs when it runs."""

from __future__ import annotations

import sys

from pitwall.domain.errors import PitwallError


def main() -> None:
    """Run the command line; every deliberate error ends as its message on stderr and its exit code."""
    from pitwall.cli._app import app

    try:
        app()
    except PitwallError as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(error.exit_code)
