"""Bundles whose names lead elsewhere, look like something else, or are of kinds that no bundle holds."""

from __future__ import annotations

from collections.abc import Iterator

from pitwall.testing.bundles.honest import Signer, honest_bundle
from pitwall.testing.bundles.hostile.case import Hostile
from pitwall.testing.bundles.raw_zip import Raw, with_entry

NAMES = {
    "traversal": (b"../evil.json", b"model/../../evil.json", b"..\\evil.json", b"model/..\\..\\evil.json"),
    "absolute_path": (b"/etc/evil.json", b"C:/evil.json", b"c:\\evil.json", b"\\\\host\\share\\evil.json"),
    "odd_name": (
        b"model\\evil.json",
        b"model/evil\x00.json",
        b"model/evil.json\x00.pkl",
        "model/\u202enosj.py".encode(),
        "m\u043edel/a.json".encode(),
        b"model/a\n.json",
        b"model/.hidden.json",
        b"./model/a.json",
        b"model//a.json",
        b"model/" + b"a" * 300 + b".json",
        b"",
    ),
    "duplicate_name": (b"card.md", b"model/Recipe.json", b"model/SLOTS.json"),
    "special_file": (b"model/folder/",),
    "pickle": (b"model/data.pkl", b"model/archive/data.pkl", b"model/model.pt", b"model/a.json.pkl", b"model/a.PICKLE", b"model/a.npy"),
    "nested_archive": (b"model/more.zip", b"model/more.tar.gz", b"model/package.whl"),
    "onnx": (b"model/model.onnx", b"model/model.onnx.data"),
    "extension": (b"model/run.py", b"model/run.so", b"model/README", b"model/setup.sh", b"card.html"),
    "place": (b"hooks/a.json", b"model/a/b/c/d/e.json", b"signature/more.json", b"manifest/other.yaml"),
}  # fmt: skip


def cases(trusted: Signer) -> Iterator[Hostile]:
    """Yield a bundle for each name; all but that name is honest."""
    honest = honest_bundle(trusted)
    for reason, names in NAMES.items():
        for name in names:
            yield Hostile(f"the name {name!r}", reason, with_entry(honest, Raw(name)))
