"""Bundles with bytes that belong to nothing, that end early, or that are no zip."""

from __future__ import annotations

from collections.abc import Iterator

from pitwall.testing.bundles.honest import Signer, honest_bundle
from pitwall.testing.bundles.hostile.case import Hostile
from pitwall.testing.bundles.raw_zip import Raw, changed, entries_of, raw_zip


def cases(trusted: Signer) -> Iterator[Hostile]:
    """Yield zips that readers disagree about."""
    honest = honest_bundle(trusted)
    entries = entries_of(honest)
    yield Hostile("bytes behind the end", "hidden_bytes", honest + b"#!/bin/sh\n")
    yield Hostile("another zip behind the end", "hidden_bytes", honest + raw_zip([Raw(b"card.md", b"another")]))
    yield Hostile("a program in front", "not_a_zip", b"\x7fELF" + honest)
    yield Hostile("a script in front, told in the offsets", "not_a_zip", raw_zip(entries, before=b"#!/bin/sh\n"))
    yield Hostile("a zip's beginning in front", "hidden_bytes", b"PK\x03\x04" + honest)
    yield Hostile("a comment", "hidden_bytes", raw_zip(entries, comment=b"hidden"))
    yield Hostile("a comment of an entry", "hidden_bytes", changed(honest, "card.md", comment=b"hidden"))
    yield Hostile("an extra field", "hidden_bytes", changed(honest, "card.md", extra=b"\x01\x00\x08\x00" + b"\0" * 8))
    yield Hostile("a gap between files", "hidden_bytes", changed(honest, "card.md", gap=b"hidden"))
    yield Hostile("an entry that is not told", "hidden_bytes", _untold(entries))
    yield Hostile("half of it", "truncated", honest[: len(honest) // 2])
    yield Hostile("without its last 30 bytes", "truncated", honest[:-30])
    yield Hostile("more entries told than there are", "truncated", raw_zip(entries, count=len(entries) + 1))
    yield Hostile("nothing", "not_a_zip", b"")
    yield Hostile("a tar", "not_a_zip", b"card.md".ljust(257, b"\0") + b"ustar\x0000".ljust(255, b"\0"))
    yield Hostile("a pickle that is called a zip", "not_a_zip", b"\x80\x04\x95\x05\x00\x00\x00")
    yield Hostile("an empty zip", "missing_file", raw_zip([]))
    for lacking in ("signature/signature.json", "signature/key.pem", "bundle.json", "model/recipe.json"):
        kept = [each for each in entries if each.name != lacking.encode()]
        yield Hostile(f"without {lacking}", "missing_file", raw_zip(kept))


def _untold(entries: list[Raw]) -> bytes:
    """Return a zip with the bytes of an entry between two that the directory has."""
    alone = raw_zip([Raw(b"model/more.json")])
    entry = alone[: alone.index(b"PK\x01\x02")]
    return raw_zip([*entries[:-1], Raw(entries[-1].name, entries[-1].content, gap=entry)])
