"""Where a documentation is kept: `doc/experiment.json` and `doc/experiment.md` of its run, and at the top of the run's page."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path

from pitwall.domain.ports import RunReader, RunRecord, Tracker
from pitwall.tracking.documentation.sections import Documentation

FOLDER, JSON, MARKDOWN = "doc", "experiment.json", "experiment.md"
BEGIN, END = "<!-- documentation, by `pitwall exp doc` -->", "<!-- end of documentation -->"
BLOCK = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}\n*", re.DOTALL)


def read(runs: RunReader, run_id: str) -> Documentation:
    """Return the documentation of a run as it was last written; an empty one where nobody has."""
    path = runs.file(run_id, f"{FOLDER}/{JSON}")
    return Documentation() if path is None else Documentation.from_row(json.loads(path.read_text(encoding="utf-8")))


def write(tracker: Tracker, runs: RunReader, run: RunRecord, documentation: Documentation) -> None:
    """Keep the documentation of a run, in place of an earlier one, and open its page with it."""
    markdown = documentation.to_markdown(run.name)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / JSON).write_text(
            json.dumps(documentation.row(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )
        (folder / MARKDOWN).write_text(markdown, encoding="utf-8")
        tracker.files(run.run_id, folder, FOLDER)
    tracker.note(run.run_id, on_page(runs.page(run.run_id), markdown))


def on_page(page: str, markdown: str) -> str:
    """Return a run's page with the documentation before all else that it says.

    Example:
        >>> on_page(on_page("the rest", "# first"), "# second").splitlines()[1:]
        ['# second', '<!-- end of documentation -->', '', 'the rest']
    """
    return f"{BEGIN}\n{markdown.rstrip()}\n{END}\n\n{BLOCK.sub('', page)}"
