"""`python -m pitwall.web`: the pages and the API of the project that we are in, on loopback, until it is stopped."""

from __future__ import annotations

import argparse
import sys

from pitwall.domain.access.serving_settings import LOOPBACK
from pitwall.domain.errors import PitwallError
from pitwall.serving.__main__ import PORT, serve


def main() -> int:
    """Run as a command."""
    parser = argparse.ArgumentParser(prog="python -m pitwall.web", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--host", default=LOOPBACK[0], choices=LOOPBACK)
    parser.add_argument("--port", type=int, default=PORT)
    chosen = parser.parse_args()
    try:
        serve(chosen.host, chosen.port, app="pitwall.web")
    except PitwallError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
