"""The names by which bundles are refused, with what each means: `docs/hub.md` lists them, tests go through them."""

from __future__ import annotations

from pitwall.domain.errors import PitwallError

REASONS = {
    "not_a_zip": "its bytes are no plain zip from the first to the last",
    "too_large": "it is larger than a bundle may be, packed or unpacked",
    "too_many_files": "it has more entries than a bundle",
    "truncated": "it ends before what its directory names",
    "hidden_bytes": "there are bytes before, between or behind its files that its directory does not name",
    "overlap": "two entries share their bytes",
    "two_directories": "an entry and the directory tell different things of the same file",
    "encrypted": "an entry is encrypted, or packed in another way than stored or deflated",
    "absolute_path": "a name leads to a place of the machine",
    "traversal": "a name leads out of the bundle",
    "odd_name": "a name has characters that are not shown as what they are, or is too long",
    "link": "an entry is a link",
    "special_file": "an entry is a device, a folder, or may be executed",
    "duplicate_name": "two entries have one name, or names that some systems take for one",
    "extension": "a file is of a kind that no bundle holds",
    "place": "a file lies where no bundle has one",
    "pickle": "a file is, or is called, a pickle: loading it would run what is in it",
    "onnx": "a file is an ONNX model, which no model of Pitwall needs and which may read other files",
    "nested_archive": "a file is an archive",
    "bomb": "a file unpacks to far more than it takes",
    "damaged": "a file does not unpack to what the directory says",
    "missing_file": "a file that a bundle needs, or that was signed, is not there",
    "additional_file": "a file is there that was not signed",
    "unsigned_file": "its signature leaves a file out",
    "changed_file": "a file is not the one that was signed",
    "unknown_signer": "nobody here has said that its key is trusted",
    "signature": "its signature does not hold",
    "list_of_files": "bundle.json is none, or its list of files is not what is there",
    "json": "a JSON file is none, too deep, too large, has a key twice, or numbers that no computer holds",
    "yaml": "a YAML file is none, or has aliases, tags or a depth that no parameters have",
    "text": "a text has characters that are not shown as what they are",
    "tensors": "the header of a file of tensors is none, too large, or its offsets are not the file's",
    "format": "a file is not of the kind that its name says",
    "card": "its card has markup, a script or a link that runs something",
    "code": "it brings code: functions, plug-ins or a patch, which no bundle may",
    "model": "the model cannot be loaded within its limits",
}


class BundleRefused(PitwallError):
    """A bundle is not taken.

    Attributes:
        reason: one of `REASONS`.
        detail: what was found.

    Example:
        >>> str(BundleRefused("link", "model/a.json")).split(":")[0]
        'refused (link)'
    """

    def __init__(self, reason: str, detail: str) -> None:
        self.reason, self.detail = reason, detail
        super().__init__(f"refused ({reason}): {REASONS[reason]}; found {shown(detail)}.")


def shown(text: str, most: int = 200) -> str:
    """Return a stranger's text so that nothing in it moves a cursor or turns the line around."""
    return ascii(text)[1:-1][:most]
