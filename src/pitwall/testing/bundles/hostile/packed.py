"""Bundles that are packed to mislead: bombs, links, devices, sizes that are none, entries that share their bytes."""

from __future__ import annotations

from collections.abc import Iterator

from pitwall.testing.bundles.honest import Signer, honest_bundle
from pitwall.testing.bundles.hostile.case import Hostile
from pitwall.testing.bundles.raw_zip import Raw, changed, entries_of, raw_zip, with_entry

ZEROS = 20_000_000
NAME = b"model/more.json"


def cases(trusted: Signer) -> Iterator[Hostile]:
    """Yield bundles of which one entry is not what the directory tells, or no plain file."""
    honest = honest_bundle(trusted)
    yield from _kinds(honest)
    yield from _sizes(honest)
    entries = entries_of(honest)
    last = len(raw_zip(entries[:-1])) - len(raw_zip([]))
    yield Hostile("two entries at one place", "overlap", with_entry(honest, Raw(NAME, offset=0)))
    yield Hostile("an entry inside of another", "overlap", raw_zip([*entries[:-1], _at(entries[-1], 40)]))
    yield Hostile("an entry behind its place", "hidden_bytes", raw_zip([*entries[:-1], _at(entries[-1], last + 9_000)]))
    yield Hostile("201 files", "too_many_files", with_entry(honest, *(Raw(b"model/a%d.json" % n) for n in range(201))))
    yield Hostile("60,000 files told", "too_many_files", raw_zip(entries, count=60_000))
    for flags, method in ((1, 8), (0x40, 8), (8, 8), (0, 12), (0, 14)):
        yield Hostile(
            f"flags {flags}, method {method}", "encrypted", with_entry(honest, Raw(NAME, flags=flags, method=method))
        )


def _at(entry: Raw, offset: int) -> Raw:
    return Raw(entry.name, entry.content, offset=offset)


def _kinds(honest: bytes) -> Iterator[Hostile]:
    for target in (b"/etc/passwd", b"../../settings.local.yaml"):
        yield Hostile(f"a link to {target!r}", "link", with_entry(honest, Raw(NAME, target, mode=0o120777)))
    kinds = {"device": 0o020666, "block device": 0o060666, "pipe": 0o010644, "socket": 0o140644, "folder": 0o040755}
    for what, mode in {**kinds, "set-user-id": 0o104644, "executable": 0o100755}.items():
        yield Hostile(what, "special_file", with_entry(honest, Raw(NAME, mode=mode)))


def _sizes(honest: bytes) -> Iterator[Hostile]:
    zeros = b" " * ZEROS
    yield Hostile("20 MB of nothing", "bomb", with_entry(honest, Raw(NAME, zeros)))
    yield Hostile("20 MB that are told to be 2 bytes", "bomb", with_entry(honest, Raw(NAME, zeros, size=2)))
    lots = [Raw(b"model/a%d.json" % n, b"", method=0, size=0) for n in range(3)]
    yield Hostile("4 GB told", "bomb", with_entry(honest, *lots, Raw(NAME, size=0xFFFFFFFF)))
    many = [Raw(b"model/b%d.json" % n, _noise(n) + b" " * 1_900_000, method=8) for n in range(110)]
    yield Hostile("more than 200 MB in all", "too_large", with_entry(honest, *many))
    yield Hostile("a sum that is none", "damaged", changed(honest, "card.md", crc=7))
    yield Hostile("more bytes told than there are", "damaged", changed(honest, "card.md", size=70))
    yield Hostile("another size in front", "two_directories", changed(honest, "card.md", local_size=3))
    yield Hostile("another name in front", "two_directories", changed(honest, "card.md", local_name=b"evil.py"))
    yield Hostile(
        "a name of the same length in front", "two_directories", changed(honest, "card.md", local_name=b"card.pk")
    )
    yield Hostile("stored, of another size", "two_directories", with_entry(honest, Raw(NAME, b"{}", method=0, size=9)))


def _noise(n: int) -> bytes:
    """Return bytes that do not pack, so that the ratio of the whole stays one of an honest file."""
    import numpy as np

    return bytes(np.random.default_rng(n).bytes(25_000))
