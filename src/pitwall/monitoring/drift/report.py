"""What is said of drift: per feature, per group and per question, with the alarms that were raised."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Alarm:
    """Something that has moved, with known error rates.

    Attributes:
        subject: a feature group, a feature, or `calibration of <question>`.
        since: label of the race at which it was raised.
        text: what was found.
        cause: what moved most.
    """

    subject: str
    since: str
    text: str
    cause: str


@dataclass(frozen=True)
class FeatureDrift:
    """One feature, or a whole group of them, or a question.

    Attributes:
        name: of the feature, the group or the question.
        group: that it belongs to; empty of a question.
        psi: of the present window against the reference; the largest of a group's features.
        ks: distance of the same; largest of the group.
        ks_p: its p-value, shown and not alarmed by.
        shift: of the mean in the present window, in sds of cars in the reference; the largest of a group. Of a question: what came
            true less what was said, per car.
        e_value: evidence now that the level is another one, of this season.
        peak: the largest evidence at any watched race.
        alarm_since: race at which the newest alarm was raised; None without one.
    """

    name: str
    group: str
    psi: float
    ks: float
    ks_p: float
    shift: float
    e_value: float
    peak: float
    alarm_since: str | None


@dataclass(frozen=True)
class DriftReport:
    """What has moved since the reference.

    Attributes:
        model: registered name.
        reference: its seasons, and the hash of the data.
        races: labels of the watched ones.
        features: that are monitored.
        groups: of these.
        not_monitored: feature -> why.
        exempt: race label -> why it raises nothing.
        calibration: one per question.
        alarms: all that were raised at watched races, in their order.
        psi_by_race: watched races x features, those that are not monitored too.
    """

    model: str
    reference: str
    races: list[str]
    features: list[FeatureDrift]
    groups: list[FeatureDrift]
    not_monitored: dict[str, str]
    exempt: dict[str, str]
    calibration: list[FeatureDrift]
    alarms: list[Alarm]
    psi_by_race: pd.DataFrame

    def as_json(self) -> dict[str, Any]:
        """Return all of it as JSON values; a number that is not known is null."""
        parts = {name: value for name, value in vars(self).items() if name != "psi_by_race"}
        lists = {
            name: [asdict(each) for each in parts[name]] for name in ("features", "groups", "calibration", "alarms")
        }
        psi = {race: row.dropna().round(4).to_dict() for race, row in self.psi_by_race.iterrows()}
        told: dict[str, Any] = _without_nan({**parts, **lists})
        return {**told, "psi_by_race": psi}


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nan(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_without_nan(each) for each in value]
    return None if isinstance(value, float) and value != value else value  # noqa: PLR0124  (NaN is no JSON)
