"""The directory of a bundle, read strictly: a bundle is one zip in one form, and every byte of it belongs to something that is named.

Readers of zip files disagree about whatever the format leaves open, and that is where things are hidden. So the form is the one that
`pack` writes: entries one behind the other from the first byte, the directory right behind them, its end at the end; no comments, no
extra fields, no second sizes, no large-file records. Nothing is unpacked here.
"""

from __future__ import annotations

import stat
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from pitwall.workflows.hub.form import MOST_FILES, MOST_RATIO, MOST_UNPACKED, NEEDED, RATIO_FROM
from pitwall.workflows.hub.opening.names import checked_name, see_distinct
from pitwall.workflows.hub.opening.refusal import BundleRefused

END, ENTRY, LOCAL = (
    struct.Struct("<4s4H2LH"),
    struct.Struct("<4s4B4HL2L5H2L"),
    struct.Struct("<4s2B4HL2L2H"),
)
END_SIGN, ENTRY_SIGN, LOCAL_SIGN = b"PK\x05\x06", b"PK\x01\x02", b"PK\x03\x04"
UTF8 = 0x800
STORED, DEFLATED = 0, 8
LARGE_FILE = 0xFFFFFFFF


@dataclass(frozen=True)
class Entry:
    """One file of a bundle, as the directory has it.

    Attributes:
        name: checked.
        deflated: or stored as it is.
        begins: of its packed bytes, in the zip.
        packed: how many they are.
        size: unpacked.
        crc: of the unpacked bytes.
    """

    name: str
    deflated: bool
    begins: int
    packed: int
    size: int
    crc: int


def read_directory(content: bytes) -> list[Entry]:
    """Return the entries of a bundle.

    Raises:
        BundleRefused: it is no zip in the form of bundles, or one of its names, kinds or sizes is none of a bundle.
    """
    begins, size, count = _end(content)
    if count > MOST_FILES:
        raise BundleRefused("too_many_files", f"{count} entries; at most {MOST_FILES}")
    records = list(_records(content[begins : begins + size], count))
    see_distinct(checked_name(name) for name, _ in records)
    entries = list(_placed(content, begins, records))
    if (total := sum(each.size for each in entries)) > MOST_UNPACKED:
        raise BundleRefused("too_large", f"{total:,} bytes unpacked; at most {MOST_UNPACKED:,}")
    if lacking := [name for name in NEEDED if name not in {each.name for each in entries}]:
        raise BundleRefused("missing_file", f"no {lacking[0]}")
    return entries


def _end(content: bytes) -> tuple[int, int, int]:
    """Return where the directory begins, its size, and how many entries it has."""
    if not content.startswith((LOCAL_SIGN, END_SIGN)):
        raise BundleRefused("not_a_zip", f"a beginning of {content[:8]!r}")
    at = len(content) - END.size
    if at < 0 or content[at : at + 4] != END_SIGN:
        found = content.rfind(END_SIGN)
        reason = "hidden_bytes" if found >= 0 else "truncated"
        raise BundleRefused(reason, f"{len(content) - max(found, 0):,} bytes behind the last record of a directory")
    _, disk, first_disk, here, count, size, begins, comment = END.unpack_from(content, at)
    if disk or first_disk or here != count or comment or LARGE_FILE in (size, begins):
        raise BundleRefused("not_a_zip", "a zip of several parts, with a comment, or with large-file records")
    if begins + size != at:
        reason = "hidden_bytes" if begins + size < at else "truncated"
        raise BundleRefused(reason, f"a directory that should end at byte {begins + size:,} and ends at {at:,}")
    return begins, size, count


def _records(directory: bytes, count: int) -> Iterator[tuple[bytes, tuple[int, ...]]]:
    """Yield the name and the numbers of each record of the directory."""
    at = 0
    for _ in range(count):
        if at + ENTRY.size > len(directory) or directory[at : at + 4] != ENTRY_SIGN:
            raise BundleRefused("truncated", f"a directory of {count} entries that ends early")
        _, *numbers = ENTRY.unpack_from(directory, at)
        name_size, extra, comment = numbers[11:14]
        if extra or comment:
            raise BundleRefused("hidden_bytes", "extra fields or a comment in the directory")
        name = directory[at + ENTRY.size : at + ENTRY.size + name_size]
        at += ENTRY.size + name_size
        yield name, tuple(numbers)
    if at != len(directory):
        raise BundleRefused("hidden_bytes", f"{len(directory) - at:,} bytes in the directory that belong to no entry")


def _placed(content: bytes, ends: int, records: list[tuple[bytes, tuple[int, ...]]]) -> Iterator[Entry]:
    """Yield the entries, each of which must begin where the one before it ends."""
    at = 0
    for raw, numbers in records:
        name = checked_name(raw)
        flags, method = numbers[4], numbers[5]
        crc, packed, size = numbers[8:11]
        external, offset = numbers[16], numbers[17]
        _see_kind(name, external >> 16, external & 0xFF)
        if flags & ~UTF8 or method not in (STORED, DEFLATED):
            raise BundleRefused("encrypted", f"{name} with flags {flags:#x} and method {method}")
        if offset != at:
            raise BundleRefused("overlap" if offset < at else "hidden_bytes", f"{name} at byte {offset:,}, not {at:,}")
        begins = at + LOCAL.size + len(raw)
        _see_local(content, at, raw, numbers)
        at = begins + packed
        if at > ends:
            raise BundleRefused("truncated", f"{name} that should end at byte {at:,}, behind all files ({ends:,})")
        _see_size(name, method == DEFLATED, packed, size)
        yield Entry(name, method == DEFLATED, begins, packed, size, crc)
    if at != ends:
        raise BundleRefused("hidden_bytes", f"{ends - at:,} bytes between the last file and the directory")


def _see_kind(name: str, mode: int, dos: int) -> None:
    kind = stat.S_IFMT(mode)
    if kind == stat.S_IFLNK:
        raise BundleRefused("link", name)
    if kind not in (0, stat.S_IFREG) or mode & 0o7111 or dos & 0x10:
        raise BundleRefused("special_file", f"{name} with the rights {mode:o}")


def _see_local(content: bytes, at: int, raw: bytes, numbers: tuple[int, ...]) -> None:
    """Look whether the header in front of a file says the same as the directory."""
    if content[at : at + 4] != LOCAL_SIGN or at + LOCAL.size > len(content):
        raise BundleRefused("truncated", f"no entry at byte {at:,}")
    _, _, _, flags, method, _, _, crc, packed, size, name_size, extra = LOCAL.unpack_from(content, at)
    own = (flags, method, crc, packed, size, name_size)
    if extra or own != (numbers[4], numbers[5], *numbers[8:12]) or content[at + LOCAL.size :][:name_size] != raw:
        raise BundleRefused("two_directories", raw.decode("ascii", "backslashreplace"))


def _see_size(name: str, deflated: bool, packed: int, size: int) -> None:
    if not deflated and packed != size:
        raise BundleRefused("two_directories", f"{name} of {size:,} bytes, stored in {packed:,}")
    if size > RATIO_FROM and size > packed * MOST_RATIO:
        raise BundleRefused("bomb", f"{name}: {packed:,} bytes that unpack to {size:,}")
