"""Unpack the files of a bundle, whose directory was found to be one, into an empty folder: never more bytes than the directory says."""

from __future__ import annotations

import zlib
from pathlib import Path

from pitwall.workflows.hub.opening.directory import Entry
from pitwall.workflows.hub.opening.refusal import BundleRefused


def unpack(content: bytes, entries: list[Entry], folder: Path, beside: Path) -> None:
    """Write the files of a bundle.

    Args:
        content: of the zip.
        entries: of its directory.
        folder: where the signed files go; it is empty.
        beside: where the signature and the key go.

    Raises:
        BundleRefused: a file does not unpack to what the directory says.
    """
    for entry in entries:
        place, _, rest = entry.name.partition("/")
        target = beside / rest if place == "signature" else folder / entry.name
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as stream:
            stream.write(_unpacked(content, entry))


def _unpacked(content: bytes, entry: Entry) -> bytes:
    packed = content[entry.begins : entry.begins + entry.packed]
    found = _inflated(packed, entry) if entry.deflated else packed
    if len(found) != entry.size or zlib.crc32(found) != entry.crc:
        raise BundleRefused("damaged", f"{entry.name}: not the {entry.size:,} bytes that it should be")
    return found


def _inflated(packed: bytes, entry: Entry) -> bytes:
    stream = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        found = stream.decompress(packed, entry.size + 1)
    except zlib.error as error:
        raise BundleRefused("damaged", f"{entry.name}: {error}") from None
    if len(found) > entry.size:
        raise BundleRefused("bomb", f"{entry.name} unpacks to more than the {entry.size:,} bytes that it says")
    if not stream.eof or stream.unused_data or stream.unconsumed_tail:
        raise BundleRefused("damaged", f"{entry.name}: bytes behind its end, or none where it should go on")
    return found
