"""The history of promotions (`ports.History`): `mlruns/promotions.jsonl`, one canonical JSON object a line.

The registry keeps no record of how aliases moved, so this file does. Each row carries the hash of the row before; the
newest settled row about a model is also remembered as a tag of that model in the registry, and so is a row that is about
to be written. A row that was announced there, is whole in the file, and is not settled was cut short by a crash.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from pitwall.adapters import history_upgrade
from pitwall.adapters.chained_file import ChainedFile
from pitwall.domain import clock
from pitwall.domain.ports import Registry
from pitwall.domain.project import Project
from pitwall.domain.records.chain import (
    BROKEN,
    FACTS,
    GENESIS,
    HEAD_TAG,
    NEXT_TAG,
    Break,
    Row,
    breaks,
    canonical,
    head,
    is_link,
    parse,
    recorded,
    sealed,
    what,
)

log = logging.getLogger(__name__)

FILE = "promotions.jsonl"
AUTHOR = "pitwall"


class PromotionHistory:
    """The chained history of one project; its heads are tags of the registry's models."""

    def __init__(self, project: Project, registry: Registry) -> None:
        self._file = ChainedFile(project.mlruns / FILE, "promoting")
        self._registry = registry

    def locked(self) -> AbstractContextManager[None]:
        """Hold the lock under which aliases move and the history grows; not to be taken twice.

        Raises:
            TrackingError: another process held it for two minutes.
        """
        return self._file.locked()

    def rows(self, model: str | None = None) -> list[Row]:
        """Return the rows, oldest first, of one model or of all; a line that holds none is left out (and `verify` names it)."""
        parsed = [row for row in map(parse, self._lines()) if row is not None and set(row) >= FACTS]
        found = [row for row in parsed if "version" in row or not row["model"]]
        return [row for row in found if model is None or row.get("model") == model]

    def append(self, kind: str, record: Mapping[str, Any]) -> Row:
        """Announce and write one row; it is on disk when this returns."""
        self._mend()
        if found := self._found():
            log.warning("the history was changed: %s", "; ".join(each.reason for each in found))
        known = {each.reason.split(": ", 1)[1] for each in recorded(self._lines())}
        # what the file itself shows stays visible in it; what only the registry remembers is about to be overwritten
        if news := [each.reason for each in self._against_heads(self._lines()) if each.reason not in known]:
            why = "what was found wrong with the history before the next row"
            self._write(self._sealed(BROKEN, {"model": "", "by": AUTHOR, "why": why, "findings": news}))
        row = self._sealed(kind, record)
        self._registry.tag_model(row["model"], {NEXT_TAG: head(row)})
        self._write(row)
        return row

    def settle(self, row: Mapping[str, Any]) -> None:
        """Remember in the registry that a row was carried out."""
        self._registry.tag_model(row["model"], {HEAD_TAG: head(row)})
        self._registry.tag_model(row["model"], {NEXT_TAG: ""})

    def unsettled(self) -> Row | None:
        """Mend what a crash left; return the row that was announced and written but not carried out."""
        self._mend()
        for row in self._announced():
            return row
        for model in self._registry.models():
            if self._registry.model_tags(model).get(NEXT_TAG):
                self._registry.tag_model(model, {NEXT_TAG: ""})
        return None

    def verify(self) -> list[Break]:
        """Return what was changed since it was written; what later rows recorded as broken stays broken."""
        short = [
            Break(row["seq"], f"row {row['seq']} ({what(row)}) was cut short; the next move or forecast finishes it")
            for row in self._announced()
        ]
        return [*self._found(), *short, *recorded(self._lines())]

    def _announced(self) -> list[Row]:
        """Return the rows that were announced and written, but not settled: one at most, unless somebody meddled."""
        rows = {head(row): row for row in self.rows() if is_link(row)}
        tags = [self._registry.model_tags(model) for model in self._registry.models()]
        waiting = [each.get(NEXT_TAG, "") for each in tags if each.get(NEXT_TAG) != each.get(HEAD_TAG)]
        return [rows[announced] for announced in waiting if announced in rows]

    def _found(self) -> list[Break]:
        whole, torn = self._file.parts()
        if history_upgrade.is_unchained(whole):
            return [Break(None, history_upgrade.UNCHAINED.format(rows=len(whole)))]
        tail = [Break(None, f"the last line is torn, it was never finished: {torn[:60]!r}")] if torn else []
        return [*breaks(whole), *tail, *self._against_heads(whole)]

    def _against_heads(self, lines: list[str]) -> list[Break]:
        """Compare the file with what the registry remembers: the end, and whether all of it was written anew."""
        rows = {row["seq"]: row for row in map(parse, lines) if row is not None and is_link(row)}
        last = max(rows, default=0)
        found = []
        for model in sorted({*self._registry.models(), *(row["model"] for row in rows.values() if row.get("model"))}):
            tags = self._registry.model_tags(model)
            remembered = tags.get(HEAD_TAG, "0 ")
            seq = int(remembered.split()[0])
            if seq > last:
                found.append(Break(seq, f"row {seq} about {model}, which the registry remembers, is cut off the end"))
            elif seq and (seq not in rows or head(rows[seq]) != remembered):
                found.append(Break(seq, f"row {seq} is not the one about {model} that the registry remembers"))
            own = [row for row in rows.values() if row.get("model") == model and row["seq"] > seq]
            foreign = [row for row in own if head(row) != tags.get(NEXT_TAG)]
            if foreign and not seq:
                lost = f"the registry remembers no row about {model}, and {len(foreign)} stand here: its database is another one"
                found.append(Break(foreign[0]["seq"], lost))
                continue
            for row in foreign:
                stranger = f"row {row['seq']} ({what(row)}) was never announced: it was not written by this program"
                found.append(Break(row["seq"], stranger))
        return found

    def _sealed(self, kind: str, record: Mapping[str, Any]) -> Row:
        """Return the next row; its number is past all that the registry remembers, so that a gap stays a gap."""
        links = [row for row in self.rows() if is_link(row)]
        heads = [self._registry.model_tags(model).get(HEAD_TAG, "0 ") for model in self._registry.models()]
        last = max([int(text.split()[0]) for text in heads] + [row["seq"] for row in links], default=0)
        at = clock.wall().isoformat(timespec="seconds")
        return sealed({"at": at, **record, "kind": kind}, last + 1, links[-1]["hash"] if links else GENESIS)

    def _mend(self) -> None:
        """Cut a torn line off, finish one that only lacks its end, and chain a history of an older project."""
        self._file.mend()
        whole = self._lines()
        if history_upgrade.is_unchained(whole):
            chained = history_upgrade.chained(self._file.path, whole)
            log.warning("%d rows of %s were not chained; they are now, see its first row", len(whole), FILE)
            self._file.replace([canonical(row) for row in chained])
        models = self._registry.models()
        for row in history_upgrade.last_rows(self.rows()):
            if row["model"] in models and HEAD_TAG not in self._registry.model_tags(row["model"]):
                self._registry.tag_model(row["model"], {HEAD_TAG: head(row)})

    def _lines(self) -> list[str]:
        return self._file.lines()

    def _write(self, row: Row) -> None:
        self._file.write([row])


def history_file(project: Project) -> Path:
    """Return where the history of a project is kept."""
    return project.mlruns / FILE
