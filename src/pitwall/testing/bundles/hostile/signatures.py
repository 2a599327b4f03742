"""Bundles whose signature does not hold, is of somebody else, or leaves something out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from pitwall.testing.bundles.honest import Signer, honest_bundle
from pitwall.testing.bundles.hostile.case import Hostile
from pitwall.testing.bundles.raw_zip import Raw, changed, entries_of, raw_zip, with_entry
from pitwall.workflows.hub.packing import write_files

KEY, SIGNATURE = "signature/key.pem", "signature/signature.json"


def cases(trusted: Signer, stranger: Signer) -> Iterator[Hostile]:
    """Yield bundles of which not every byte was signed by a trusted key."""
    honest, foreign = honest_bundle(trusted), honest_bundle(stranger)
    parts = {each.name.decode(): each.content for each in entries_of(foreign)}
    yield Hostile("of a stranger", "unknown_signer", foreign)
    yield Hostile("with a stranger's key", "unknown_signer", changed(honest, KEY, content=parts[KEY]))
    yield Hostile(
        "with the key written in another way",
        "unknown_signer",
        changed(honest, KEY, content=trusted.pem.read_bytes() + b"\n"),
    )
    yield Hostile("signed by a stranger", "signature", changed(honest, SIGNATURE, content=parts[SIGNATURE]))
    more = {each.name.decode(): each.content for each in entries_of(honest_bundle(trusted, {"model/more.json": b"{}"}))}
    yield Hostile(
        "with the signature of another bundle", "missing_file", changed(honest, SIGNATURE, content=more[SIGNATURE])
    )
    yield Hostile("and the other way round", "additional_file", _with(more, SIGNATURE, _part(honest, SIGNATURE)))
    for name, content in (
        ("card.md", b"# another card\n"),
        ("model/slots.json", b'{"table": [[1.0]], "params": {}}'),
        ("bundle.json", b"{}"),
    ):
        yield Hostile(f"with another {name}", "changed_file", changed(honest, name, content=content))
    for name in ("model/more.json", "manifest/splits.json"):
        yield Hostile(f"with {name} beside", "additional_file", with_entry(honest, Raw(name.encode())))
    for name in ("model/slots.json", "manifest/params.yaml"):
        kept = [each for each in entries_of(honest) if each.name != name.encode()]
        yield Hostile(f"without {name}", "missing_file", raw_zip(kept))
    for reason, text in {"signature": b"no JSON", "json": b"[" * 5000}.items():
        yield Hostile(f"with the signature {text[:8]!r}", reason, changed(honest, SIGNATURE, content=text))
    yield Hostile("with no signature in it", "signature", changed(honest, SIGNATURE, content=_emptied(honest)))
    for ignored in ("bundle.json", "model/more.json"):
        yield Hostile(f"that leaves {ignored} out", "unsigned_file", _ignoring(honest, ignored, trusted))


def _with(parts: dict[str, bytes], name: str, content: bytes) -> bytes:
    return raw_zip([Raw(each.encode(), content if each == name else own) for each, own in sorted(parts.items())])


def _part(bundle: bytes, name: str) -> bytes:
    return next(each.content for each in entries_of(bundle) if each.name == name.encode())


def _emptied(bundle: bytes) -> bytes:
    said = json.loads(_part(bundle, SIGNATURE))
    said["dsseEnvelope"]["signatures"] = []
    return json.dumps(said).encode()


def _ignoring(bundle: bytes, name: str, by: Signer) -> bytes:
    """Return a bundle whose signature says that a file is to be ignored, which then may be anything."""
    from pitwall.adapters.hub._model_signing import hashing, signing

    entries = [each for each in entries_of(bundle) if each.name != name.encode()]
    entries.append(Raw(name.encode(), b'{"evil": true}'))
    files = {each.name.decode(): each.content for each in entries if not each.name.startswith(b"signature/")}
    with TemporaryDirectory() as made:
        folder, target = Path(made) / "files", Path(made) / "signature.json"
        write_files(files, folder)
        how: hashing.Config = hashing.Config()  # type: ignore[no-untyped-call]
        how.use_file_serialization(hashing_algorithm="sha256", ignore_paths=frozenset([Path(name)]))
        how.set_ignored_paths(paths=[folder / name])
        plain: signing.Config = signing.Config()  # type: ignore[no-untyped-call]
        signer = plain.use_elliptic_key_signer(private_key=by.keys / "private.pem").set_hashing_config(how)
        signer.sign(folder, target)
        content = target.read_bytes()
    return raw_zip([replace(each, content=content) if each.name == SIGNATURE.encode() else each for each in entries])
