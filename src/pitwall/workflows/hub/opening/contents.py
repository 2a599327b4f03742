"""What is in the files of a bundle whose signature holds: each is what its name says, and none would run anything when it is read.

A signature says who made a bundle, not that it is harmless. So a trusted signer's files are looked at all the same, by readers that
only look; the libraries that load models come afterwards, in a process with limits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from pitwall.workflows.hub.form import CARD
from pitwall.workflows.hub.opening.code import see_no_code
from pitwall.workflows.hub.opening.json_text import see_json
from pitwall.workflows.hub.opening.refusal import BundleRefused
from pitwall.workflows.hub.opening.tensors import see_npz, see_safetensors
from pitwall.workflows.hub.opening.texts import see_card, see_text
from pitwall.workflows.hub.opening.yaml_text import see_yaml

Look = Callable[[str, bytes], None]
BINARY_PICKLE = re.compile(rb"\x80[\x02-\x05]")
TEXT_PICKLE = re.compile(rb"\(?(c[A-Za-z_][\w.]*\n[A-Za-z_][\w.]*\n|[dl]p\d+\n|i[A-Za-z_][\w.]*\n\w+\n)")
ONNX = re.compile(rb"\x08[\x01-\x1f](\x12[\x01-\x7f]|\x3a|\x42)")  # version of the format, then a producer or a graph
ARCHIVES = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07",
    b"\x28\xb5\x2f\xfd",
)
TAR, TAR_AT = b"ustar", 257


def see_contents(folder: Path) -> None:
    """Look at every file of a bundle.

    Raises:
        BundleRefused: one of them is not what it should be; names it.
    """
    files = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    for name, path in files.items():
        see_file(name, path.read_bytes())
    see_no_code(folder)


def see_file(name: str, content: bytes) -> None:
    """Look at one file.

    Args:
        name: in the bundle.
        content: its bytes.

    Raises:
        BundleRefused: it is not what its name says, or more than that.
    """
    _see_beginning(name, content)
    LOOKS["card.md" if name == CARD else name.rpartition(".")[2]](name, content)


def _see_beginning(name: str, content: bytes) -> None:
    if BINARY_PICKLE.match(content) or TEXT_PICKLE.match(content):
        raise BundleRefused("pickle", name)
    if name.endswith(".npz"):
        return
    if content.startswith(ARCHIVES) or content[TAR_AT : TAR_AT + len(TAR)] == TAR:
        raise BundleRefused("nested_archive", name)
    if ONNX.match(content) and not name.endswith(".safetensors"):
        raise BundleRefused("onnx", name)


def _begins(*marks: bytes) -> Look:
    """Return what looks for the mark that files of a kind begin with."""

    def see(name: str, content: bytes) -> None:
        if not content.startswith(marks):
            raise BundleRefused("format", f"{name} begins with {content[:8]!r}")

    return see


def _see_trees(name: str, content: bytes) -> None:
    see_text(name, content)
    if name.startswith("model/"):
        _begins(b"tree\n")(name, content)


def _see_parquet(name: str, content: bytes) -> None:
    """Look at both ends of a table, and that its footer lies within."""
    mark = b"PAR1"
    footer = int.from_bytes(content[-8:-4], "little")
    if len(content) < 12 or not (content.startswith(mark) and content.endswith(mark)) or footer > len(content) - 12:
        raise BundleRefused("format", f"{name} of {len(content):,} bytes, which is no table")


LOOKS: Mapping[str, Look] = {
    "card.md": see_card,
    "json": see_json,
    "yaml": see_yaml,
    "lock": see_text,
    "txt": _see_trees,
    "parquet": _see_parquet,
    "ubj": _begins(b"{"),
    "cbm": _begins(b"CBM1"),
    "npz": see_npz,
    "safetensors": see_safetensors,
}
