"""Which columns from which groups: the names that a notebook gives, settled into what is joined and in which order."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from pitwall.domain.errors import UnknownName, UsageError
from pitwall.features import FeatureEngineer, feature_sets, groups
from pitwall.features.machinery.group import FeatureGroup

Sets = Mapping[str, Sequence[str]]
Owned = dict[str, FeatureGroup]


@dataclass(frozen=True)
class FeaturePlan:
    """What to join.

    Attributes:
        stored: groups of the feature store.
        custom: groups of the session.
        features: the wanted columns, in order.
    """

    stored: tuple[FeatureGroup, ...]
    custom: tuple[FeatureGroup, ...]
    features: tuple[str, ...]

    @property
    def groups(self) -> tuple[FeatureGroup, ...]:
        """Return all groups."""
        return (*self.stored, *self.custom)

    @property
    def keys(self) -> set[str]:
        """Return the key columns that the groups need."""
        return {key for group in self.groups for key in group.keys}


def make_plan(
    names: Sequence[str] | None,
    custom: Sequence[str],
    engineer: FeatureEngineer,
    sets: Sets,
    keys: Collection[str] = (),
) -> FeaturePlan:
    """Return the plan for some sets and groups and some custom features.

    Args:
        names: feature sets (shipped, or of the session) and groups; None for all groups that `keys` suffice for.
        custom: features of the session, or single features that ship. A feature of the session takes the place of a
            stored one with its name.
        engineer: knows the features of the session.
        sets: the feature sets of the session.
        keys: see names.

    Raises:
        UnknownName: a name is unknown; offers the nearest one.
        UsageError: nothing is asked for.
    """
    owned: Owned = {}
    if names is None:
        for group in groups().values():
            if set(group.keys) <= set(keys):
                owned |= _all_of(group)
    for name in names or ():
        owned |= _set_or_group(name, engineer, sets)
    for name in custom:
        owned |= find_feature(name, engineer)
    if not owned:
        raise UsageError("no feature is asked for; name feature groups, feature sets or custom features.")
    shipped = groups()
    used = dict.fromkeys(owned.values())
    stored = tuple(group for group in used if shipped.get(group.name) is group)
    return FeaturePlan(stored, tuple(group for group in used if group not in stored), tuple(owned))


def _set_or_group(name: str, engineer: FeatureEngineer, sets: Sets) -> Owned:
    if name in sets:
        return {each: owner for feature in sets[name] for each, owner in find_feature(feature, engineer).items()}
    known = feature_sets()
    if name in known:
        return {each: group for group in known[name] for each in group.names}
    if name in groups():
        return _all_of(groups()[name])
    raise UnknownName("feature set or group", name, [*sets, *known, *groups()])


def find_feature(name: str, engineer: FeatureEngineer) -> Owned:
    """Return {feature: its group} for a custom feature, a group of them, or a single feature that ships.

    Raises:
        UnknownName: there is none; offers the nearest one.
    """
    own, shipped = engineer.groups(), groups().values()
    for group in own:
        if group.name == name:
            return _all_of(group)
    for group in (*own, *shipped):
        if name in group.names:
            return {name: group}
    raise UnknownName("feature", name, [each for group in (*own, *shipped) for each in group.names])


def _all_of(group: FeatureGroup) -> Owned:
    return dict.fromkeys(group.names, group)


def checked_set(name: str, features: Sequence[str], engineer: FeatureEngineer) -> tuple[str, ...]:
    """Return the features of a new set of the session.

    Raises:
        UnknownName: a feature is unknown.
        UsageError: a shipped set or group has the name already.
    """
    if name in feature_sets() or name in groups():
        raise UsageError(f"{name!r} is a feature set or group that ships; choose another name.")
    for feature in features:
        find_feature(feature, engineer)
    return tuple(features)


def plan_of(features: Sequence[str], custom: Sequence[FeatureGroup] = ()) -> FeaturePlan:
    """Return the plan of some features by name: of a user's own groups first, then of those that ship.

    Raises:
        UnknownName: no group has a feature; offers the nearest one.
    """
    shipped = groups()
    owners = {name: group for group in (*shipped.values(), *custom) for name in group.names}
    for name in features:
        if name not in owners:
            raise UnknownName("feature", name, owners)
    used = dict.fromkeys(owners[name] for name in features)
    stored = tuple(group for group in used if shipped.get(group.name) is group)
    return FeaturePlan(stored, tuple(group for group in used if group not in stored), tuple(dict.fromkeys(features)))
