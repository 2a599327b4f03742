"""Files of tensors, looked at by their headers alone: safetensors, and numpy's `.npz`, which is a zip of arrays."""

from __future__ import annotations

import ast
import io
import math
import re
import zipfile
from collections.abc import Mapping
from typing import Any, TypeGuard

from pitwall.workflows.hub.opening.json_text import parsed_json
from pitwall.workflows.hub.opening.refusal import BundleRefused

MOST_HEADER = 1_000_000
WIDTH = {
    "BOOL": 1, "U8": 1, "I8": 1, "U16": 2, "I16": 2, "F16": 2, "BF16": 2, "U32": 4, "I32": 4, "F32": 4, "U64": 8, "I64": 8, "F64": 8,
}  # fmt: skip
MOST_ARRAYS = 100
MOST_UNPACKED = 200_000_000
ARRAY = re.compile(r"[A-Za-z0-9_]+\.npy")
MAGIC = b"\x93NUMPY"
NUMBERS = re.compile(r"[<>|=]?[biuf][1248]|\|S\d{1,4}|<U\d{1,4}")  # no objects: those are pickles


def see_safetensors(name: str, content: bytes) -> None:
    """Look at the header of a safetensors file: its size, and that its tensors fill the rest without a gap or an overlap.

    Raises:
        BundleRefused: they do not.
    """
    size = int.from_bytes(content[:8], "little")
    if len(content) < 8 or size > min(MOST_HEADER, len(content) - 8):
        raise BundleRefused("tensors", f"{name}: a header of {size:,} bytes in a file of {len(content):,}")
    header = parsed_json(name, content[8 : 8 + size])
    if not isinstance(header, dict):
        raise BundleRefused("tensors", f"{name}: a header that is no object")
    spans = sorted(_span(name, key, told) for key, told in header.items() if key != "__metadata__")
    at = 0
    for begins, ends in spans:
        if begins != at:
            raise BundleRefused("tensors", f"{name}: a tensor at byte {begins:,}, where the one before ends at {at:,}")
        at = ends
    if at != len(content) - 8 - size:
        raise BundleRefused("tensors", f"{name}: tensors of {at:,} bytes in {len(content) - 8 - size:,}")


def _span(name: str, key: str, told: Any) -> tuple[int, int]:
    """Return from where to where a tensor goes, if that is what its type and shape need."""
    if isinstance(told, Mapping):
        kind, shape, offsets = (told.get(each) for each in ("dtype", "shape", "data_offsets"))
        if isinstance(kind, str) and _whole(shape) and _whole(offsets) and len(offsets) == 2:
            begins, ends = offsets
            if kind in WIDTH and ends - begins == math.prod(shape) * WIDTH[kind]:
                return begins, ends
    raise BundleRefused("tensors", f"{name}: {key} {told}")


def _whole(value: Any) -> TypeGuard[list[int]]:
    return isinstance(value, list) and all(type(each) is int and each >= 0 for each in value)


def see_npz(name: str, content: bytes) -> None:
    """Look at the arrays of a `.npz`: a flat zip of arrays of numbers.

    Raises:
        BundleRefused: it holds anything else, objects above all, which are pickles.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            entries = packed.infolist()
            _see_sizes(name, entries, len(content))
            for entry in entries:
                with packed.open(entry) as stream:
                    _see_array(f"{name}:{entry.filename}", stream.read(MOST_HEADER), entry.file_size)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as error:
        raise BundleRefused("format", f"{name}: {error}") from None


def _see_sizes(name: str, entries: list[zipfile.ZipInfo], packed: int) -> None:
    if len(entries) > MOST_ARRAYS or len({each.filename for each in entries}) != len(entries):
        raise BundleRefused("nested_archive", f"{name}: {len(entries)} arrays, or two of one name")
    for entry in entries:
        if not ARRAY.fullmatch(entry.filename):
            kinds = entry.filename.rsplit(".", 1)[-1]
            raise BundleRefused(
                "pickle" if kinds in ("pkl", "pickle") else "nested_archive", f"{name}:{entry.filename}"
            )
    total = sum(each.file_size for each in entries)
    if total > min(MOST_UNPACKED, max(packed, 10_000) * 200):
        raise BundleRefused("bomb", f"{name}: {packed:,} bytes that unpack to {total:,}")


def _see_array(name: str, content: bytes, size: int) -> None:
    """Look at the header of an array, which numpy would evaluate: a literal with three keys."""
    if not content.startswith(MAGIC) or len(content) < 12:
        raise BundleRefused("pickle" if content[:1] == b"\x80" else "format", f"{name} begins with {content[:8]!r}")
    wide = content[6] > 1
    begins = 12 if wide else 10
    length = int.from_bytes(content[8:begins], "little")
    try:
        told = ast.literal_eval(content[begins : begins + length].decode("latin1").strip())
        kind, shape = told["descr"], told["shape"]
        plain = isinstance(kind, str) and _whole(list(shape))
    except (ValueError, SyntaxError, TypeError, KeyError, RecursionError, MemoryError):
        raise BundleRefused("tensors", f"{name}: a header that is none") from None
    if not plain or not NUMBERS.fullmatch(kind):
        raise BundleRefused("pickle" if "O" in str(kind) else "tensors", f"{name}: an array of {kind}")
    width = int(re.sub(r"\D", "", kind)) * (4 if "U" in kind else 1)
    if begins + length + math.prod(shape) * width != size:
        raise BundleRefused("tensors", f"{name}: an array {shape} of {kind} in {size:,} bytes")
