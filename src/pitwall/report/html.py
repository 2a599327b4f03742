"""A document as one web page that asks no other address for anything: style, pictures and scripts are inside.

Everything is escaped (Jinja2's autoescape) but drawings, which this program made, and the same document gives the same text. The
pages share one layout and one style sheet in `templates/`.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache, partial
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pitwall.report.content.blocks import Block, Drawing, Picture, whole
from pitwall.report.content.document import Document, Section
from pitwall.report.figures.palette import painted

TEMPLATES = Path(__file__).parent / "templates"
SET_APART = re.compile(
    r"(`[^`]+`|\([-+.\d]+%? to [-+.\d]+%?\))"
)  # code, and the ends of an interval: read after the value
MARKS = {"passed": "good", "REFUSED": "bad", "ours": "ours"}


def to_html(document: Document) -> str:
    """Return the page."""
    drawings = [block for block in document.blocks() if isinstance(block, Drawing)]
    script = _plotly() if any(drawing.plotly for drawing in drawings) else ""
    return environment().get_template("document.html").render(document=document, script=script, wide=bool(drawings))


def write_html(document: Document, path: Path) -> Path:
    """Write the page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(to_html(document), encoding="utf-8")
    return path


@cache
def environment(*folders: Path) -> Environment:
    """Return the templates of the report, and before them those of further folders."""
    made = Environment(
        loader=FileSystemLoader([*folders, TEMPLATES]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.globals["zip"] = partial(zip, strict=True)
    made.filters |= {
        "anchor": _anchor,
        "base64": lambda png: base64.b64encode(png).decode(),
        "kind": lambda block: type(block).__name__.lower(),
        "mark": MARKS.get,
        "parts": _parts,
        "runs": _runs,
        "painted": painted,
        "shaded": _shaded,
    }
    return made


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """Yield the parts of a text, each with how it is set: what stood between backticks as code."""
    for number, part in enumerate(SET_APART.split(text)):
        if number % 2 and part.startswith("`"):
            yield "code", part[1:-1]
        elif part:
            yield "ends" if number % 2 else "", part


@lru_cache(maxsize=4096)
def _shaded(chances: tuple[float, ...]) -> Markup:
    """Return the cells of a row of a heat map; a page has hundreds, and they are asked for again and again."""
    return Markup("".join(f'<td style="{painted(chance)}">{whole(chance)}</td>' for chance in chances))  # noqa: S704 - numbers alone


def _anchor(section: Section) -> str:
    """Return the name of a section as the end of an address."""
    return re.sub("[^a-z0-9_]+", "-", (section.link or section.name).lower()).strip("-")


def _runs(blocks: Iterable[Block]) -> Iterator[tuple[bool, list[Block]]]:
    """Yield blocks in runs: pictures that follow each other stand side by side."""
    for pictures, run in groupby(blocks, lambda block: isinstance(block, Picture)):
        yield pictures, list(run)


def _plotly() -> str:
    from plotly.offline import get_plotlyjs

    return str(get_plotlyjs())
