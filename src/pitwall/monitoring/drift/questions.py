"""Drift of calibration: a process per question and season from forecasts in time and their results, and the alarms that it raises."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd

from pitwall.monitoring.drift.calibration import Said, calibration, excess
from pitwall.monitoring.drift.evidence import believed
from pitwall.monitoring.drift.report import Alarm, FeatureDrift

SUBJECT = "calibration of {}"
TEXT = "its probabilities are not right: {:+.3f} per car came true beyond what was said over {} races; evidence {:.3g}"


def question_drift(
    said: Mapping[str, Sequence[Said]], alpha: float, exempt: Collection[str] = ()
) -> tuple[list[FeatureDrift], list[Alarm]]:
    """Return the drift of calibration per question, and its alarms.

    Args:
        said: question -> what was said of its races, in order.
        alpha: chance of a false alarm in a season.
        exempt: labels of races on which nothing is bet.
    """
    counted = {name: [each for each in races if each.race not in exempt] for name, races in said.items()}
    counted = {name: races for name, races in counted.items() if races}
    table = pd.DataFrame({name: _evidence(races) for name, races in counted.items()}).sort_index()
    table = (
        table.groupby(table.index.str[:4], group_keys=False).apply(lambda season: season.ffill().fillna(1.0))
        if len(table)
        else table
    )
    raised, alarms = _alarms(table, counted, alpha)
    return [_drift(name, races, table[name], raised.get(name)) for name, races in counted.items()], alarms


def _evidence(races: Sequence[Said]) -> pd.Series:
    seasons = dict.fromkeys(each.race[:4] for each in races)
    parts = [calibration([each for each in races if each.race[:4] == season]) for season in seasons]
    return pd.Series(np.concatenate(parts), index=[each.race for each in races])


def _alarms(
    table: pd.DataFrame, said: Mapping[str, Sequence[Said]], alpha: float
) -> tuple[dict[str, str], list[Alarm]]:
    raised, alarms = dict[str, str](), list[Alarm]()
    for race in map(str, table.index):
        for name in map(str, table.columns[believed(table.loc[race].to_numpy(), alpha)]):
            if raised.get(name, "")[:4] == race[:4]:
                continue
            raised[name] = race
            own = [each for each in said[name] if each.race[:4] == race[:4] and each.race <= race]
            text = TEXT.format(excess(own), len(own), table.loc[race, name])
            alarms.append(Alarm(SUBJECT.format(name), race, text, name))
    return raised, alarms


def _drift(name: str, races: Sequence[Said], evidence: pd.Series, since: str | None) -> FeatureDrift:
    unknown = float("nan")
    season = [each for each in races if each.race[:4] == races[-1].race[:4]]
    now, peak = float(evidence.iloc[-1]), float(evidence.max())
    return FeatureDrift(name, "", unknown, unknown, unknown, excess(season), now, peak, since)
