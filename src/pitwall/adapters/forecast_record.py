"""The track record of a project (`ports.Record`): `mlruns/forecasts.jsonl`, whose head the registry's models remember too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from pitwall.adapters.chained_file import ChainedFile
from pitwall.domain import clock
from pitwall.domain.ports import Registry
from pitwall.domain.project import Project
from pitwall.domain.records.chain import BROKEN, GENESIS, Break, Row, head, recorded, sealed
from pitwall.domain.records.track_record import (
    HEAD_TAG,
    REPLAYED,
    WRITTEN,
    changed_files,
    entered,
    identity,
    instant,
    links_of,
    record_file,
    rows_of,
    verify,
)


class ForecastRecord:
    """The chained record of one project's forecasts."""

    def __init__(self, project: Project, registry: Registry) -> None:
        self._project, self._registry = project, registry
        self._file = ChainedFile(record_file(project), "writing the track record")

    def rows(self) -> list[Row]:
        """Return the rows, oldest first."""
        return rows_of(self._file.lines())

    def lines(self) -> list[str]:
        """Return the whole lines, as they are."""
        return self._file.lines()

    def add(self, rows: Iterable[Mapping[str, Any]], now: datetime | None = None) -> list[Row]:
        """Write rows that are not there yet and return them; the registry remembers the new head.

        A clock that went back does not make a row older than the one before: it gets the instant of that one. With `now`, or within
        a replay, the rows say that their instant is a replay's, and when they were really written.
        """
        given = now or clock.replayed()
        with self._file.locked():
            self._file.mend()
            known = self.rows()
            at = max([instant(given), *(row["at"] for row in known[-1:])])
            there = {identity(row) for row in known} - {None}
            mark = {REPLAYED: True, WRITTEN: instant(clock.wall())} if given else {}
            new = [entered({**row, **mark}, at) for row in rows if identity(row) not in there]
            if new and (news := self._news()):
                new.insert(0, {"kind": BROKEN, "model": "", "findings": news, "at": at, **mark})
            made = _chained(new, links_of(self._file.lines())[-1:])
            if made:
                self._file.write(made)
                self._remember(made)
            return made

    def verify(self, against: str = "", noted: datetime | None = None) -> list[Break]:
        """Return what was changed since it was written: rows, their files, and against heads that were kept elsewhere."""
        lines, torn = self._file.parts()
        tail = [Break(None, f"the last line is torn, it was never finished: {torn[:60]!r}")] if torn else []
        found = [*verify(lines, against, noted), *tail, *self._against_registry()]
        return [*found, *changed_files(self._project, self.rows())]

    def _news(self) -> list[str]:
        """Return what only the registry shows and no row says yet: the next head is about to overwrite it there."""
        said = {each.reason.split(": ", 1)[1] for each in recorded(self._file.lines())}
        return [each.reason for each in self._against_registry() if each.reason not in said]

    def _against_registry(self) -> list[Break]:
        known = {head(row) for row in links_of(self._file.lines())}
        found = []
        for model in self._registry.models():
            remembered = self._registry.model_tags(model).get(HEAD_TAG)
            if remembered and remembered not in known:
                seq = int(remembered.split()[0])
                found.append(
                    Break(seq, f"row {seq}, which {model} in the registry remembers, is cut off or another one")
                )
        return found

    def _remember(self, made: list[Row]) -> None:
        registered = set(self._registry.models())
        for model in sorted({row["model"] for row in made} & registered):
            self._registry.tag_model(model, {HEAD_TAG: head(made[-1])})


def _chained(rows: Iterable[Mapping[str, Any]], last: list[Row]) -> list[Row]:
    seq, prev = (last[0]["seq"], last[0]["hash"]) if last else (0, GENESIS)
    made: list[Row] = []
    for row in rows:
        made.append(sealed(row, seq + 1, prev))
        seq, prev = made[-1]["seq"], made[-1]["hash"]
    return made
