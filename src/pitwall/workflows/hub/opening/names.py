"""Whether a name in a bundle's directory is one that a bundle may have; a stranger's bytes, of which nothing is believed."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pitwall.workflows.hub.form import EXTENSIONS, MOST_NAME, PLACES
from pitwall.workflows.hub.opening.refusal import BundleRefused

PLAIN = re.compile(rb"[A-Za-z0-9_./-]+")
DRIVE = re.compile(rb"[A-Za-z]:")
PICKLES = ("pkl", "pickle", "joblib", "pt", "pth", "bin", "ckpt", "dill", "npy", "sav", "h5", "keras", "pb", "mar")
ARCHIVES = ("zip", "tar", "gz", "tgz", "bz2", "xz", "7z", "rar", "zst", "whl", "egg", "jar", "cab")


def checked_name(raw: bytes) -> str:
    """Return a name as text.

    Raises:
        BundleRefused: it leads elsewhere, does not look like what it is, or belongs to no file of a bundle.
    """
    text = raw.decode("utf-8", "backslashreplace")
    if raw.startswith((b"/", b"\\")) or DRIVE.match(raw):
        raise BundleRefused("absolute_path", text)
    if ".." in re.split(r"[/\\]", text):
        raise BundleRefused("traversal", text)
    if raw.endswith(b"/"):
        raise BundleRefused("special_file", f"the folder {text}")
    parts = text.split("/")
    if len(raw) > MOST_NAME or not PLAIN.fullmatch(raw) or any(not part or part.startswith(".") for part in parts):
        raise BundleRefused("odd_name", text)
    _see_place(text)
    return text


def see_distinct(names: Iterable[str]) -> None:
    """Look whether a system that takes `A` for `a` would see one file where there are two.

    Raises:
        BundleRefused: it would.
    """
    seen: dict[str, str] = {}
    for name in names:
        if name.casefold() in seen:
            raise BundleRefused("duplicate_name", f"{seen[name.casefold()]} and {name}")
        seen[name.casefold()] = name


def _see_place(name: str) -> None:
    if any(place.fullmatch(name) for place in PLACES):
        return
    kinds = name.rpartition("/")[2].lower().split(".")[1:]
    for reason, known in (("pickle", PICKLES), ("nested_archive", ARCHIVES), ("onnx", ("onnx", "ort"))):
        if set(kinds) & set(known):
            raise BundleRefused(reason, name)
    raise BundleRefused("place" if kinds and kinds[-1] in EXTENSIONS else "extension", name)
