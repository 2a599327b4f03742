"""Where cards lie: with the version's run, as JSON, Markdown and page, and the last one judged below `reports/cards/`.

Not in `models/<name>/`, whose hash is the model's identity, and not in `reports/<name>/`, which DVC owns: a card grows
at promotion, and neither the model nor the training may look changed for it.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from pitwall.domain.ports import ModelVersion, RunReader, Tracker
from pitwall.domain.project import Project
from pitwall.ml.cards.card import Card, from_dict
from pitwall.report.content.markdown import to_markdown, write_markdown
from pitwall.report.html import write_html

JSON = "card.json"


def read_card(runs: RunReader, version: ModelVersion) -> Card | None:
    """Return the card of a version as it was last written, None without one."""
    found = runs.file(version.run_id, f"{artifact_folder(version)}/{JSON}")
    return None if found is None else from_dict(json.loads(found.read_text(encoding="utf-8")))


def card_text(runs: RunReader, version: ModelVersion) -> str | None:
    """Return the card of a version as Markdown, None without one."""
    found = read_card(runs, version)
    return None if found is None else to_markdown(found)


def write_card(tracker: Tracker, version: ModelVersion, card: Card) -> None:
    """Log the card with the version's run, in place of an earlier one."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / JSON).write_text(json.dumps(card.to_dict(), indent=1) + "\n", encoding="utf-8")
        write_markdown(card, folder / "card.md")
        write_html(card, folder / "card.html")
        tracker.files(version.run_id, folder, artifact_folder(version))


def publish(project: Project, card: Card) -> Path:
    """Write the page `reports/cards/<name>/card.html`, and Markdown beside it; return the page."""
    folder = project.reports / "cards" / card.model
    folder.mkdir(parents=True, exist_ok=True)
    write_markdown(card, folder / "card.md")
    return write_html(card, folder / "card.html")


def artifact_folder(version: ModelVersion) -> str:
    """Return where a version's card lies among its run's artifacts; a run may have registered its baseline too."""
    return f"card/v{version.version}"
