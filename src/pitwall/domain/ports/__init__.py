"""What the logic needs from the tools, as Protocols. `pitwall.wiring` chooses the real ones, tests pass fakes."""

from __future__ import annotations

from pitwall.domain.ports.accounts import Accounts
from pitwall.domain.ports.data import DataVersions, Scratch
from pitwall.domain.ports.features import FeatureReader, Served
from pitwall.domain.ports.market import Market
from pitwall.domain.ports.people import People
from pitwall.domain.ports.record import Record
from pitwall.domain.ports.registry import History, ModelFiles, ModelInterface, ModelVersion, Registry
from pitwall.domain.ports.runs import (
    Measured,
    RunEditor,
    RunFiles,
    RunReader,
    RunRecord,
    RunStatus,
    RunSweeper,
    Tracker,
)

__all__ = [
    "Accounts",
    "DataVersions",
    "FeatureReader",
    "History",
    "Market",
    "Measured",
    "ModelFiles",
    "ModelInterface",
    "ModelVersion",
    "People",
    "Record",
    "Registry",
    "RunEditor",
    "RunFiles",
    "RunReader",
    "RunRecord",
    "RunStatus",
    "RunSweeper",
    "Scratch",
    "Served",
    "Tracker",
]
