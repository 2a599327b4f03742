"""Bundles of a trusted signer whose card, order or recipe would run something."""

from __future__ import annotations

import json
from collections.abc import Iterator

from pitwall.testing.bundles.honest import Signer, honest_bundle, honest_files
from pitwall.testing.bundles.hostile.case import Hostile

SCRIPTS = (
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example></sCrIpT>",
    "<img src=x onerror=alert(1)>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;svg onload=alert(1)&#62;",
    "![a](https://evil.example/pixel.png)",
    "<!-- hidden -->",
)
LINKS = (
    "[here](javascript:alert(1))",
    "[here](JaVaScRiPt:alert(1))",
    "[here](java&#115;cript:alert(1))",
    "[here](java\tscript:alert(1))",
    "[here](javascript&colon;alert(1))",
    "[here](vbscript:alert(1))",
    "[here](data:text/html;base64,PHNjcmlwdD4=)",
)
HIDDEN = ("it gains \u202e%5\u202c", "zero\u200bwidth", "an escape \x1b[2J", "a null \x00")


def cases(trusted: Signer) -> Iterator[Hostile]:
    """Yield bundles whose signatures hold."""
    for text in (*SCRIPTS, *LINKS):
        yield _signed(trusted, f"the card {text!r}", "card", {"card.md": f"# A card\n\n{text}\n".encode()})
    for text in HIDDEN:
        yield _signed(trusted, f"the card {text!r}", "text", {"card.md": f"# A card\n\n{text}\n".encode()})
    yield _signed(trusted, "a card that is not UTF-8", "text", {"card.md": b"# \xff\xfe"})
    yield from _code(trusted)


def _code(trusted: Signer) -> Iterator[Hostile]:
    recipe = json.loads(honest_files()["model/recipe.json"])
    source = "def label(tables):\n    import os; os.system('true')\n"
    orders = (
        {"own": {"family": "binary", "source": source}},
        {"custom": [{"name": "mine", "source": source}]},
        {"generated": [{"name": "mine", "columns": {"a": source}, "features": ["a_1"]}]},
    )
    for order in orders:
        yield _signed(
            trusted, f"an order with {next(iter(order))}", "code", {"spec/spec.json": _json({"format": 1, **order})}
        )
    outside = {**recipe, "plugins": ["evil_package 1.0"]}
    yield _signed(trusted, "a recipe with plug-ins", "code", {"model/recipe.json": _json(outside)})
    for plugins in ("plugins: [evil.py]\n", "plugins: /tmp/evil.py\n"):
        yield _signed(trusted, f"parameters with {plugins!r}", "code", {"manifest/params.yaml": plugins.encode()})
    for patch in ("0" * 64, "yes"):
        yield _signed(
            trusted, "a run with a patch", "code", {"manifest/manifest.json": _json({"code": {"patch": patch}})}
        )


def _json(content: object) -> bytes:
    return json.dumps(content).encode()


def _signed(trusted: Signer, name: str, reason: str, files: dict[str, bytes]) -> Hostile:
    return Hostile(name, reason, honest_bundle(trusted, files), parsed=True)
