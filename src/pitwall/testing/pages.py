"""Tables in pages of the documentation: what a study or a benchmark found goes between marks, so that no page shows figures that no command made."""

from __future__ import annotations

import re
import sys
from pathlib import Path

MARKS = r"(<!-- table: {} -->\n).*?(<!-- end of table -->)"


def put_table(page: Path, name: str, text: str) -> None:
    """Replace what stands between the marks of a table in a page; say so where it has none.

    Args:
        page: that has the marks.
        name: of the table, as in its marks.
        text: tables and sentences, Markdown.
    """
    marks, before = re.compile(MARKS.format(re.escape(name)), re.DOTALL), page.read_text(encoding="utf-8")
    if not marks.search(before):
        sys.stderr.write(f"{page} has no place for this table; add <!-- table: {name} --> and <!-- end of table -->.\n")
        return
    after = marks.sub(lambda found: found[1] + text.rstrip("\n") + "\n" + found[2], before)
    page.write_text(after, encoding="utf-8")
