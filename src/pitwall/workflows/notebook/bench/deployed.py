"""A model that was deployed: its version, and what every gate said of it."""

from __future__ import annotations

from dataclasses import dataclass

from pitwall.domain.ports import ModelVersion
from pitwall.domain.refs import Verdict
from pitwall.report.content.markdown import table_lines
from pitwall.report.content.verdicts import verdict_table


@dataclass(frozen=True)
class Deployed:
    """The version that answers from now on.

    Attributes:
        version: as the registry has it.
        verdicts: of every gate.
        outcome: in words.
    """

    version: ModelVersion
    verdicts: tuple[Verdict, ...]
    outcome: str

    @property
    def model(self) -> str:
        """The registered name, `<name>-<stage>`."""
        return self.version.model

    def __str__(self) -> str:
        table = verdict_table(self.verdicts)
        return "\n".join([f"{self.outcome}.", "", *table_lines(table.columns, table.rows, table.numbers)])

    __repr__ = __str__  # the end of a cell shows the verdicts

    def _repr_markdown_(self) -> str:
        return str(self)
