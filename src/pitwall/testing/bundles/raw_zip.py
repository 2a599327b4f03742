"""A writer of zips that lies wherever it is told to: what `zipfile` refuses to write."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

REGULAR = 0o100644


@dataclass(frozen=True)
class Raw:
    """One entry; what is None is told as it is.

    Attributes:
        name: in the directory.
        content: unpacked.
        mode: rights and kind.
        flags: of the entry.
        method: 0 stored, 8 deflated; another number is told, and the content stored.
        size: that is told.
        crc: that is told.
        local_name: in front of the file.
        local_size: in front of the file.
        offset: that the directory tells.
        extra: field of the directory.
        comment: of the directory.
        gap: bytes in front of the entry.
    """

    name: bytes
    content: bytes = b"{}"
    mode: int = REGULAR
    flags: int = 0
    method: int = 8
    size: int | None = None
    crc: int | None = None
    local_name: bytes | None = None
    local_size: int | None = None
    offset: int | None = None
    extra: bytes = b""
    comment: bytes = b""
    gap: bytes = b""


def entries_of(bundle: bytes) -> list[Raw]:
    """Return the entries of an honest bundle."""
    with zipfile.ZipFile(io.BytesIO(bundle)) as packed:
        return [Raw(each.filename.encode(), packed.read(each)) for each in packed.infolist()]


def with_entry(bundle: bytes, *more: Raw) -> bytes:
    """Return a bundle with further entries."""
    return raw_zip([*entries_of(bundle), *more])


def changed(bundle: bytes, entry: str, **told: object) -> bytes:
    """Return a bundle in which one entry tells, or is, something else."""
    return raw_zip(
        [
            replace(each, **told) if each.name == entry.encode() else each  # type: ignore[arg-type]
            for each in entries_of(bundle)
        ]
    )


def raw_zip(
    entries: Sequence[Raw], *, before: bytes = b"", behind: bytes = b"", comment: bytes = b"", count: int | None = None
) -> bytes:
    """Return a zip.

    Args:
        entries: in order.
        before: bytes in front of all.
        behind: bytes at the end.
        comment: of the zip.
        count: of entries, that is told.
    """
    body, directory = bytearray(before), bytearray()
    for each in entries:
        body += each.gap
        at = len(body)
        packed, numbers = _packed(each)
        local = each.name if each.local_name is None else each.local_name
        size = numbers[2] if each.local_size is None else each.local_size
        body += struct.pack(
            "<4s5H3L2H", b"PK\x03\x04", 20, each.flags, each.method, 0, 33, numbers[0], numbers[1], size, len(local), 0
        )
        body += local + packed
        offset = at if each.offset is None else each.offset
        directory += struct.pack(
            "<4s6H3L5H2L", b"PK\x01\x02", 0x314, 20, each.flags, each.method, 0, 33, *numbers,
            len(each.name), len(each.extra), len(each.comment), 0, 0, each.mode << 16, offset,
        )  # fmt: skip
        directory += each.name + each.extra + each.comment
    told = len(entries) if count is None else count
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, told, told, len(directory), len(body), len(comment))
    return bytes(body + directory) + end + comment + behind


def _packed(each: Raw) -> tuple[bytes, tuple[int, int, int]]:
    packed = each.content
    if each.method == zipfile.ZIP_DEFLATED:
        stream = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
        packed = stream.compress(each.content) + stream.flush()
    crc = zlib.crc32(each.content) if each.crc is None else each.crc
    return packed, (crc, len(packed), len(each.content) if each.size is None else each.size)
