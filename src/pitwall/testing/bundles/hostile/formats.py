"""Bundles of a trusted signer with files that are not what their names say, or whose headers lie."""

from __future__ import annotations

import gzip
import io
import json
import pickle  # what hostile files are made of; nothing here loads one
import tarfile
import zipfile
from collections.abc import Iterator

import numpy as np

from pitwall.testing.bundles.honest import Signer, honest_bundle
from pitwall.testing.bundles.hostile.case import Hostile

DEEP = 5000
ONNX = b"\x08\x08\x12\x07pytorch\x3a"


class _Runs:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return print, ("a pickle was loaded",)


def cases(trusted: Signer) -> Iterator[Hostile]:
    """Yield bundles whose signatures hold."""
    made = (*_pickles(), *_archives(), *_tensors(), *_json(), *_yaml(), *_others())
    for name, reason, file, content in made:
        yield Hostile(name, reason, honest_bundle(trusted, {file: content}), parsed=True)
    yield Hostile("another content told", "list_of_files", honest_bundle(trusted, content="0" * 64), parsed=True)


Made = tuple[str, str, str, bytes]


def _pickles() -> Iterator[Made]:
    for protocol in range(6):
        content = pickle.dumps(_Runs(), protocol)
        yield f"a pickle of protocol {protocol} as JSON", "pickle", "model/more.json", content
    yield "a pickle as trees", "pickle", "model/booster.ubj", pickle.dumps(_Runs(), 4)
    yield "a pickle as a table", "pickle", "model/predictions.parquet", pickle.dumps(_Runs(), 2)
    yield "a pickle as a card", "pickle", "card.md", b"cos\nsystem\n(S'true'\ntR."
    objects = io.BytesIO()
    np.savez(objects, a=np.array([_Runs()], dtype=object))
    yield "arrays of objects", "pickle", "model/net.npz", objects.getvalue()
    yield "a pickle among arrays", "pickle", "model/net.npz", _zip({"data.pkl": pickle.dumps(_Runs())})
    yield "a pickle that is called an array", "pickle", "model/net.npz", _zip({"a.npy": pickle.dumps(_Runs())})


def _archives() -> Iterator[Made]:
    yield "a zip as trees", "nested_archive", "model/booster.ubj", _zip({"a.json": b"{}"})
    yield "a gzip as text", "nested_archive", "model/booster.txt", gzip.compress(b"tree\n")
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as packed:
        packed.addfile(tarfile.TarInfo("a.json"))
    yield "a tar as a catboost model", "nested_archive", "model/booster.cbm", tar.getvalue()
    yield "a zip among arrays", "nested_archive", "model/net.npz", _zip({"more.zip": _zip({"a.npy": b""})})
    yield "a way out among arrays", "nested_archive", "model/net.npz", _zip({"../a.npy": b""})
    yield "arrays that unpack to 50 MB", "bomb", "model/net.npz", _zip({"a.npy": b"\0" * 50_000_000})


def _tensors() -> Iterator[Made]:
    def header(told: object, behind: bytes = b"\0" * 8) -> bytes:
        text = told if isinstance(told, bytes) else json.dumps(told).encode()
        return len(text).to_bytes(8, "little") + text + behind

    def tensor(begins: int, ends: int, kind: str = "F32", size: int = 1) -> dict[str, object]:
        return {"dtype": kind, "shape": [size], "data_offsets": [begins, ends]}

    file = "model/net.safetensors"
    yield "a header larger than the file", "tensors", file, (1 << 60).to_bytes(8, "little") + b"{}"
    yield (
        "a header of 2 MB",
        "tensors",
        file,
        header(b"{" + bytes(np.random.default_rng(7).choice(list(b"0123456789abcdef"), 2_000_000).astype(np.uint8))),
    )
    yield "a deep header", "json", file, header(b'{"a":' + b"[" * DEEP)
    yield "tensors that overlap", "tensors", file, header({"a": tensor(0, 4), "b": tensor(2, 6)})
    yield "tensors at one place", "tensors", file, header({"a": tensor(0, 4), "b": tensor(0, 4)})
    yield "a gap between tensors", "tensors", file, header({"a": tensor(0, 4), "b": tensor(8, 12)}, b"\0" * 12)
    yield "a tensor behind the end", "tensors", file, header({"a": tensor(0, 1 << 40, size=1 << 38)})
    yield "a tensor with another size than its shape", "tensors", file, header({"a": tensor(0, 8)})
    yield "bytes behind the tensors", "tensors", file, header({"a": tensor(0, 4)}, b"\0" * 400)
    yield "an unknown type", "tensors", file, header({"a": tensor(0, 8, "object")})
    yield "an array whose header runs", "tensors", "model/net.npz", _zip({"a.npy": _npy(b"__import__('os').getpid()")})
    yield (
        "an array of another size",
        "tensors",
        "model/net.npz",
        _zip({"a.npy": _npy(b"{'descr': '<f8', 'fortran_order': False, 'shape': (9999999,)}")}),
    )


def _json() -> Iterator[Made]:
    file = "model/more.json"
    yield "5,000 lists in each other", "json", file, b"[" * DEEP + b"]" * DEEP
    yield "5,000 objects in each other", "json", file, b'{"a":' * DEEP + b"1" + b"}" * DEEP
    yield "a number of 100,000 digits", "json", file, b'{"a": ' + b"9" * 100_000 + b"}"
    yield "a number that is infinite", "json", file, b'{"a": 1e999}'
    yield "a key twice", "json", file, b'{"a": 1, "a": 2}'
    yield "no JSON", "json", file, b"print('hello')"
    yield "JSON that is not UTF-8", "json", file, b'{"a": "\xff"}'


def _yaml() -> Iterator[Made]:
    laughs = "a: &a [x, x]\n" + "".join(
        f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    file = "manifest/params.yaml"
    yield "aliases that multiply", "yaml", file, laughs.encode()
    yield "a tag that makes an object", "yaml", file, b"a: !!python/object/apply:os.system [true]\n"
    yield "lists in each other", "yaml", file, b"a: " + b"[" * 50 + b"]" * 50
    yield "no YAML", "yaml", file, b"a: [1, 2\nb: }"


def _others() -> Iterator[Made]:
    yield "ONNX as trees", "onnx", "model/booster.ubj", ONNX + b"\0" * 40
    yield "ONNX with data elsewhere", "onnx", "model/booster.cbm", ONNX + b"location\x12\x10../../etc/passwd"
    yield "ONNX with a large header", "onnx", "model/more.json", b"\x08\x07\x3a\xff\xff\xff\xff\x0f" + bytes(3_000)
    yield "no trees", "format", "model/booster.ubj", b"#!/bin/sh\n"
    yield "no catboost model", "format", "model/booster.cbm", b"MZ\x90\x00"
    yield "no trees as text", "format", "model/booster.txt", b"import os\n"
    yield "no table", "format", "model/predictions.parquet", b"PAR1" + b"\0" * 40
    yield (
        "a table with a footer larger than itself",
        "format",
        "model/predictions.parquet",
        b"PAR1" + b"\0" * 40 + b"\xff\xff\xff\x7fPAR1",
    )


def _zip(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return made.getvalue()


def _npy(header: bytes) -> bytes:
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header
