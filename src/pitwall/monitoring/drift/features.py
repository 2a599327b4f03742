"""Drift of the features of a model's rows: which moved, since when, and how far, alone and as groups."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pitwall.monitoring.drift.evidence import believed
from pitwall.monitoring.drift.levels import Level, level
from pitwall.monitoring.drift.monitored import why_not
from pitwall.monitoring.drift.plan import LABEL, Plan
from pitwall.monitoring.drift.report import Alarm, FeatureDrift
from pitwall.monitoring.drift.spread import ks, psi

Profile = Callable[[str, Any], Mapping[str, Any]]  # name and values -> count, nulls, mean, sd, edges, bins
HALVES = 2  # alpha is shared by groups and features
NAMED = 3  # features in the text of a group's alarm


@dataclass(frozen=True)
class Found:
    """What was found in the features.

    Attributes:
        features: that are monitored.
        groups: of these.
        not_monitored: feature -> why.
        alarms: all that were raised at watched races, in their order.
        psi_by_race: watched races x features.
    """

    features: list[FeatureDrift]
    groups: list[FeatureDrift]
    not_monitored: dict[str, str]
    alarms: list[Alarm]
    psi_by_race: pd.DataFrame


@dataclass(frozen=True)
class Settings:
    """How much is alarmed by.

    Attributes:
        alpha: chance of any false alarm in a season.
        window: watched races that are the present.
        ignored: feature -> why it is not to be monitored.
    """

    alpha: float = 0.1
    window: int = 5
    ignored: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Evidence:
    """What is known of the levels of features.

    Attributes:
        means: of all races of a plan.
        profiles: of the reference's rows, by feature.
        skipped: feature -> why it is not monitored.
        now: watched races x monitored features, the evidence after each race.
    """

    means: pd.DataFrame
    profiles: Mapping[str, Mapping[str, Any]]
    skipped: dict[str, str]
    now: pd.DataFrame

    def by_group(self, groups: Mapping[str, str]) -> pd.DataFrame:
        """Return the evidence of groups, the mean of that of their features: valid however these depend on each other."""
        return self.now.T.groupby(groups).mean().T if len(self.now.columns) else self.now


def feature_drift(
    rows: pd.DataFrame, groups: Mapping[str, str], plan: Plan, profile: Profile, settings: Settings | None = None
) -> Found:
    """Return the drift of features.

    Args:
        rows: of cars, with season, round and features.
        groups: feature -> its group, of all features that are looked at.
        plan: what the races are for.
        profile: how values are spread, as `pitwall features profile` says it.
        settings: how much is alarmed by; the defaults when None.
    """
    settings = settings or Settings()
    evidence = evidence_of(rows, list(groups), plan, profile, settings.ignored)
    raised, alarms = alarms_of(evidence, groups, settings)
    label, by_group = _labels(rows), evidence.by_group(groups)
    reference = rows[label.isin(np.array(plan.labels)[plan.reference])]
    present = rows[label.isin(plan.watched_labels[-settings.window :])]
    features = [
        _feature(name, groups[name], evidence.profiles[name], reference, present, evidence.now[name], raised)
        for name in evidence.now
    ]
    return Found(
        features,
        [_group(name, [each for each in features if each.group == name], by_group[name], raised) for name in by_group],
        evidence.skipped,
        alarms,
        _psi_by_race(rows, label, plan, evidence.profiles),
    )


def evidence_of(
    rows: pd.DataFrame, names: list[str], plan: Plan, profile: Profile, ignored: Mapping[str, str] | None = None
) -> Evidence:
    """Return the evidence that the level of each feature is another one.

    Args:
        rows: of cars, with season, round and features.
        names: of the features.
        plan: what the races are for.
        profile: how values are spread.
        ignored: feature -> why it is not to be monitored.
    """
    label = _labels(rows)
    means = rows[names].groupby(label).mean().reindex(plan.labels)
    reference = rows[label.isin(np.array(plan.labels)[plan.reference])]
    profiles = {name: profile(name, reference[name].to_numpy(np.float64)) for name in names}
    skipped, levels = _levels(means, profiles, plan, ignored or {})
    now = pd.DataFrame({name: each.evidence for name, each in levels.items()}, index=plan.watched_labels)
    return Evidence(means, profiles, skipped, now)


def alarms_of(evidence: Evidence, groups: Mapping[str, str], settings: Settings) -> tuple[dict[str, str], list[Alarm]]:
    """Return {subject: race of its newest alarm} and all alarms; a feature whose group is alarmed by then is told there.

    Args:
        evidence: of the features.
        groups: feature -> its group.
        settings: how much is alarmed by.
    """
    watched = evidence.means.loc[list(evidence.now.index)]
    moved = Moves(watched, evidence.profiles)
    return _alarms(evidence.now, evidence.by_group(groups), groups, settings.alpha / HALVES, moved)


def _labels(rows: pd.DataFrame) -> pd.Series:
    return pd.Series(
        [LABEL.format(*race) for race in zip(rows["season"], rows["round"], strict=True)], index=rows.index
    )


@dataclass(frozen=True)
class Moves:
    """How far a feature lies at a race from its mean in the reference, in sds of cars there."""

    means: pd.DataFrame
    profiles: Mapping[str, Mapping[str, Any]]

    def at(self, name: str, race: str) -> float:
        """Return that of a feature at the race of a label."""
        return float((self.means.loc[race, name] - self.profiles[name]["mean"]) / self.profiles[name]["sd"])


def _levels(
    means: pd.DataFrame, profiles: Mapping[str, Mapping[str, Any]], plan: Plan, ignored: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, Level]]:
    """Return why features are not monitored, and the levels of the others."""
    skipped, levels = dict[str, str](), dict[str, Level]()
    for name in means:
        own = means[name].to_numpy(np.float64)
        sd = profiles[name]["sd"] or 0.0
        why = ignored.get(name) or why_not(own[plan.reference], plan.races[plan.reference], sd)
        if not why:
            found = level(own, plan, sd)
            why = found.why_not
            levels |= {} if why else {name: found}
        skipped |= {name: why} if why else {}
    return skipped, levels


def _alarms(
    evidence: pd.DataFrame, by_group: pd.DataFrame, groups: Mapping[str, str], alpha: float, moved: Moves
) -> tuple[dict[str, str], list[Alarm]]:
    raised, alarms, season = dict[str, str](), list[Alarm](), ""
    standing = set[str]()
    for race in evidence.index:
        if race[:4] != season:
            standing, season = set(), race[:4]
        for table in (by_group, evidence):
            for name in table.columns[believed(table.loc[race].to_numpy(), alpha)] if len(table.columns) else []:
                if name in standing:
                    continue
                standing, raised = standing | {name}, {**raised, name: str(race)}
                if groups.get(name) not in standing:
                    alarms.append(_alarm(name, race, evidence, groups, moved))
    return raised, alarms


def _alarm(name: str, race: str, evidence: pd.DataFrame, groups: Mapping[str, str], moved: Moves) -> Alarm:
    own = [feature for feature in evidence if name in {feature, groups[feature]}]
    most = sorted(own, key=lambda feature: -evidence.loc[race, feature])[:NAMED]
    said = ", ".join(f"{feature} {moved.at(feature, race):+.2f} sd" for feature in most)
    value = float(evidence.loc[race, own].mean())
    return Alarm(
        name,
        str(race),
        f"the level is another one than in the reference: at this race {said}; evidence {value:.3g}",
        most[0],
    )


def _feature(  # noqa: PLR0917  (a feature, both its samples and what was found)
    name: str,
    group: str,
    profile: Mapping[str, Any],
    reference: pd.DataFrame,
    present: pd.DataFrame,
    evidence: pd.Series,
    raised: Mapping[str, str],
) -> FeatureDrift:
    now = present[name].to_numpy(np.float64)
    distance, chance = ks(reference[name].to_numpy(np.float64), now)
    shift = (np.nanmean(now) - profile["mean"]) / profile["sd"] if not np.isnan(now).all() else np.nan
    return FeatureDrift(
        name,
        group,
        psi(profile, now),
        distance,
        chance,
        float(shift),
        *_now_and_peak(evidence),
        raised.get(name),
    )


def _group(name: str, own: list[FeatureDrift], evidence: pd.Series, raised: Mapping[str, str]) -> FeatureDrift:
    most = {what: max(own, key=lambda each: abs(getattr(each, what))) for what in ("psi", "ks", "shift")}
    return FeatureDrift(
        name,
        name,
        most["psi"].psi,
        most["ks"].ks,
        most["ks"].ks_p,
        most["shift"].shift,
        *_now_and_peak(evidence),
        raised.get(name),
    )


def _now_and_peak(evidence: pd.Series) -> tuple[float, float]:
    """Return the evidence now and the largest; 1 where no race is watched yet."""
    return (float(evidence.iloc[-1]), float(evidence.max())) if len(evidence) else (1.0, 1.0)


def _psi_by_race(
    rows: pd.DataFrame, label: pd.Series, plan: Plan, profiles: Mapping[str, Mapping[str, Any]]
) -> pd.DataFrame:
    found = {
        race: {name: psi(profile, own[name].to_numpy(np.float64)) for name, profile in profiles.items()}
        for race, own in rows.groupby(label)
        if race in set(plan.watched_labels)
    }
    return pd.DataFrame.from_dict(found, orient="index", columns=list(profiles)).reindex(plan.watched_labels)
