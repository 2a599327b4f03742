"""Wheels of a few lines under the package's own name, for tests of what is installed; made by hand, nothing is built."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from collections.abc import Mapping
from pathlib import Path

from pitwall.adapters.installation.package import NAME

DIST = NAME.replace("-", "_")


def write_wheel(folder: Path, version: str, files: Mapping[str, str]) -> Path:
    """Write the wheel of a version that holds these files of `pitwall`, and return it."""
    info = f"{DIST}-{version}.dist-info"
    content = {
        **{f"pitwall/{name}": text for name, text in files.items()},
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {NAME}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: by hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{name},sha256={_hash(text)},{len(text)}\n" for name, text in content.items())
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{DIST}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in {**content, f"{info}/RECORD": record + f"{info}/RECORD,,\n"}.items():
            archive.writestr(name, text)
    return path


def unpack(wheel: Path, site: Path) -> Path:
    """Install such a wheel into a folder as an installer would, and return the package's folder."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    return site / "pitwall"


def _hash(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
