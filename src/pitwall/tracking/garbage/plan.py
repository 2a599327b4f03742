"""Decide what goes and what stays. Pure: it knows things, what each leads to, and who holds on to what.

A thing stays if somebody holds on to it, if it is young, if it is among the newest of its group, or if a thing that stays
leads to it. Whatever is left goes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal, Self, get_args

Kind = Literal["run", "snapshot", "log", "cache"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class Rule:
    """How much stays in any case: the newest `keep` of each group, and what is younger than `days`."""

    keep: int
    days: float


@dataclass(frozen=True)
class Thing:
    """Something that takes up room.

    Attributes:
        kind: what it is; a run stands for its trials, its files and the model versions made from it.
        name: unique: a run's id, a snapshot's folder, a path below the project.
        at: when it was made or last used.
        group: of which the newest stay, e.g. an experiment; empty where only age counts.
        leads_to: names of things that it needs.
        size: bytes on disk, 0 if unknown.
        note: what a person calls it.
    """

    kind: Kind
    name: str
    at: datetime
    group: str = ""
    leads_to: frozenset[str] = frozenset()
    size: int = 0
    note: str = ""


@dataclass(frozen=True)
class Plan:
    """What goes, and why what stays stays: {name: reason}, in the order of the things."""

    goes: tuple[Thing, ...]
    stays: Mapping[str, str] = field(default_factory=dict)

    def only(self, kinds: Collection[Kind], things: Iterable[Thing]) -> Self:
        """Return the part of the plan that is about some kinds of the things it was made of; what holds on to them is as before."""
        names = {thing.name for thing in things if thing.kind in kinds}
        stays = {name: why for name, why in self.stays.items() if name in names}
        return replace(self, goes=tuple(thing for thing in self.goes if thing.kind in kinds), stays=stays)


def plan(things: Sequence[Thing], held: Mapping[str, str], rule: Rule, now: datetime) -> Plan:
    """Return what goes and what stays.

    Args:
        things: all of them.
        held: {name of a thing: who holds on to it}; names of nothing are allowed.
        rule: what stays in any case.
        now: the present instant, with a time zone.

    Example:
        >>> from datetime import UTC
        >>> old = datetime(2020, 1, 1, tzinfo=UTC)
        >>> run = Thing("run", "r1", old, leads_to=frozenset({"s1"}))
        >>> made = plan([run, Thing("snapshot", "s1", old), Thing("snapshot", "s2", old)], {"r1": "alias champion"},
        ...             Rule(0, 30), datetime(2024, 1, 1, tzinfo=UTC))
        >>> [thing.name for thing in made.goes], made.stays["s1"]
        (['s2'], 'run r1 leads to it')
    """
    by_name = {thing.name: thing for thing in things}
    reasons = {name: why for name, why in held.items() if name in by_name}
    for name, why in [*_newest(things, rule), *_young(things, rule, now)]:
        reasons.setdefault(name, why)
    todo = list(reasons)
    while todo:
        thing = by_name[todo.pop()]
        for name in sorted(thing.leads_to & by_name.keys() - reasons.keys()):
            reasons[name] = f"{thing.kind} {thing.name} leads to it"
            todo.append(name)
    stays = {thing.name: reasons[thing.name] for thing in things if thing.name in reasons}
    return Plan(tuple(thing for thing in things if thing.name not in reasons), stays)


def _newest(things: Iterable[Thing], rule: Rule) -> list[tuple[str, str]]:
    groups: dict[str, list[Thing]] = {}
    for thing in things:
        if thing.group:
            groups.setdefault(thing.group, []).append(thing)
    found = []
    for group, members in groups.items():
        newest = sorted(members, key=lambda thing: (thing.at, thing.name), reverse=True)[: rule.keep]
        found += [(thing.name, f"one of the newest {rule.keep} of {group}") for thing in newest]
    return found


def _young(things: Iterable[Thing], rule: Rule, now: datetime) -> list[tuple[str, str]]:
    limit = now - timedelta(days=rule.days)
    return [(thing.name, f"younger than {rule.days:g} days") for thing in things if thing.at > limit]
