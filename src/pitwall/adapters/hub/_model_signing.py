"""`model_signing`, imported where pyOpenSSL is not installed.

Version 1.1.1 imports pyOpenSSL for signatures by certificates, and does not name it among what it requires. Signatures by keys, the only
kind made and read here, use none of it. So a module that has nothing stands in its place for the import, and goes again.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from types import ModuleType

NAME = "OpenSSL"


def _without_openssl() -> None:
    empty, part = ModuleType(NAME), ModuleType(f"{NAME}.crypto")
    empty.crypto = part  # type: ignore[attr-defined]
    sys.modules.update({NAME: empty, part.__name__: part})
    try:
        import model_signing  # noqa: F401
    finally:
        for name in (NAME, part.__name__):
            sys.modules.pop(name, None)


if find_spec(NAME) is None:
    _without_openssl()

from model_signing import hashing, signing, verifying  # noqa: E402

__all__ = ["hashing", "signing", "verifying"]
