"""Find what looks like a secret in text and file names, and put a remark in its place.

Manifests are kept with every run and shown to everybody; uncommitted work is just where a password is tried out. A few
well-known forms are looked for, and literals given to names such as `password`; a random text under a harmless name passes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any

NAMES = r"(?:password|passwd|passphrase|secret|token|api_?key|access_?key|private_?key|credentials?)"
EXAMPLE = (
    r"(?!(?i:password|passwd|pass|secret|token|x+|\*+|\.+)[\"'@])"  # what documentation writes in a secret's place
)
# each finds its secret as the group `secret`
FORMS = {
    "AWS key": re.compile(r"(?P<secret>\b(?:AKIA|ASIA)[0-9A-Z]{16}\b)"),
    "GitHub token": re.compile(r"(?P<secret>\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,}))"),
    "Pitwall token": re.compile(r"(?P<secret>\bpw_[0-9a-f]{12}_[A-Za-z0-9_-]{43})"),
    "Slack token": re.compile(r"(?P<secret>\bxox[abeoprs]-[A-Za-z0-9-]{10,})"),
    "Google key": re.compile(r"(?P<secret>\bAIza[0-9A-Za-z_-]{35})"),
    "JSON web token": re.compile(r"(?P<secret>\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,})"),
    "password in an address": re.compile(rf"://[^\s/:@]*:{EXAMPLE}(?P<secret>[^\s/@{{}}$<>]{{3,}})@"),
    "bearer token": re.compile(r"(?i:bearer)\s+(?P<secret>[\w.~+/-]{20,}=*)"),
    "quoted literal": re.compile(
        rf"(?i:{NAMES})\w*[\"']?\s*[:=]\s*[\"']{EXAMPLE}(?P<secret>[^\"'\s{{}}$<>]{{6,}})[\"']"
    ),
    # a pinned package whose name has such a word (`asttokens==3.0.2`) is a version, no setting
    "setting": re.compile(rf"(?i:{NAMES})\w*\s*[:=](?!=)\s*(?P<secret>(?=[^\s]*\d)[^\s\"'(){{}}\[\]$<>,;]{{6,}})\s*$"),
}
BLOCK_BEGIN = re.compile(r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY")
BLOCK_END = re.compile(r"-----END (?:[A-Z0-9]+ )*PRIVATE KEY")
FILES = re.compile(
    r"(?i)^(\.env(\..+)?|\.netrc|\.pgpass|id_(rsa|dsa|ecdsa|ed25519)|.*\.(pem|key|p12|pfx|keystore)|credentials(\..+)?)$"
)
NEW_FILE = "+++ b/"


@dataclass(frozen=True)
class FoundSecret:
    """Something that looks like a secret: in which file, on which line of the scanned text (0 for a file name)."""

    file: str
    line: int
    kind: str

    def row(self) -> dict[str, Any]:
        """Return the finding as a JSON row, without the secret."""
        return asdict(self)


def redact(text: str, file: str) -> tuple[str, list[FoundSecret]]:
    """Return a text with every secret replaced by `[redacted: kind]`, and what was found.

    Args:
        text: a file, or a patch, whose own headers then name the files.
        file: its name.
    """
    lines, found, block = [], [], False
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith(NEW_FILE):
            file = line.removeprefix(NEW_FILE)
        inside = block or bool(BLOCK_BEGIN.search(line))
        if inside:
            kinds = [] if block else ["private key"]
            block = not BLOCK_END.search(line)
            mark = line[0] if line[:1] in {"+", "-", " "} and not line.startswith("---") else ""
            clean = f"{mark}[redacted: private key]"
        else:
            clean, kinds = _redacted(line)
        lines.append(clean)
        found += [FoundSecret(file, number, kind) for kind in kinds]
    return "\n".join(lines), found


def redact_values(value: Any, where: str = "") -> Any:
    """Return nested settings with secrets in their texts replaced; the name of a setting counts."""
    if isinstance(value, Mapping):
        return {key: redact_values(each, str(key)) for key, each in value.items()}
    if isinstance(value, list):
        return [redact_values(each, where) for each in value]
    if not isinstance(value, str):
        return value
    prefix = f'{where}: "'
    return redact(f'{prefix}{value}"', "")[0][len(prefix) : -1]


def secret_files(paths: tuple[str, ...]) -> list[FoundSecret]:
    """Return the files whose name says that they hold a secret."""
    return [FoundSecret(path, 0, "secret file") for path in paths if FILES.match(PurePosixPath(path).name)]


def _redacted(line: str) -> tuple[str, list[str]]:
    kinds = []
    for kind, form in FORMS.items():
        found = form.search(line)
        while found and not found["secret"].startswith("[redacted"):
            kinds.append(kind)
            line = f"{line[: found.start('secret')]}[redacted: {kind}]{line[found.end('secret') :]}"
            found = form.search(line)
    return line, kinds
