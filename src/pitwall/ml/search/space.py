"""A search space as data: parameters in the order in which they are chosen, each over a domain, some only where another has a value."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pitwall.domain.errors import UnknownName, UsageError

Config = dict[str, Any]
SCALARS = (bool, int, float, str, type(None))


class Chooser(Protocol):
    """The part of an Optuna trial that a space asks."""

    def suggest_float(
        self, name: str, low: float, high: float, *, step: float | None = None, log: bool = False
    ) -> float:
        """Choose a real number."""

    def suggest_int(self, name: str, low: int, high: int, *, step: int = 1, log: bool = False) -> int:
        """Choose an integer."""

    def suggest_categorical(self, name: str, choices: Sequence[Any]) -> Any:
        """Choose one of a few values."""


Choose = Callable[[Any], Config]


@dataclass(frozen=True)
class Real:
    """A real number, evenly or by its logarithm, in steps where `step` says so."""

    low: float
    high: float
    log: bool = False
    step: float | None = None

    def choose(self, trial: Chooser, name: str) -> float:
        """Return the number that a trial chooses."""
        return trial.suggest_float(name, self.low, self.high, step=self.step, log=self.log)

    def values(self, levels: int) -> list[float]:
        """Return so many values from end to end; all steps where there are steps."""
        if self.step is not None:
            return [self.low + n * self.step for n in range(round((self.high - self.low) // self.step) + 1)]
        return _spread(self.low, self.high, levels, self.log)


@dataclass(frozen=True)
class Whole:
    """A whole number, both ends included, evenly or by its logarithm."""

    low: int
    high: int
    log: bool = False
    step: int = 1

    def choose(self, trial: Chooser, name: str) -> int:
        """Return the number that a trial chooses."""
        return trial.suggest_int(name, self.low, self.high, step=self.step, log=self.log)

    def values(self, levels: int) -> list[int]:
        """Return at most so many values from end to end."""
        if self.step > 1:
            return list(range(self.low, self.high + 1, self.step))
        return list(dict.fromkeys(round(value) for value in _spread(self.low, self.high, levels, self.log)))


@dataclass(frozen=True)
class Choice:
    """One of a few values; they may be lists."""

    options: tuple[Any, ...]

    def choose(self, trial: Chooser, name: str) -> Any:
        """Return the value that a trial chooses."""
        labels = [label(option) for option in self.options]
        return self.options[labels.index(trial.suggest_categorical(name, labels))]

    def values(self, _levels: int) -> list[Any]:
        """Return all of them."""
        return list(self.options)


@dataclass(frozen=True)
class Fixed:
    """A value that every trial has; nothing is chosen."""

    value: Any

    def choose(self, _trial: Chooser, _name: str) -> Any:
        """Return the value."""
        return self.value

    def values(self, _levels: int) -> list[Any]:
        """Return it alone."""
        return [self.value]


Domain = Real | Whole | Choice | Fixed


@dataclass(frozen=True)
class Parameter:
    """One parameter; with `when` it exists only where the named other one has one of these values."""

    name: str
    domain: Domain
    when: tuple[str, tuple[Any, ...]] | None = None

    def exists(self, chosen: Mapping[str, Any]) -> bool:
        """Whether it exists beside what was chosen before it."""
        return self.when is None or (self.when[0] in chosen and chosen[self.when[0]] in self.when[1])


@dataclass(frozen=True)
class Space:
    """Parameters in order; what one hangs on stands before it.

    Example:
        >>> space = Space((Parameter("rate", Real(0.01, 0.1)), Parameter("depth", Whole(1, 2))))
        >>> [config["depth"] for config in space.grid(2)]
        [1, 2, 1, 2]
    """

    parameters: tuple[Parameter, ...]

    def __post_init__(self) -> None:
        """Refuse a parameter that hangs on one that does not stand before it; raise UnknownName."""
        before: list[str] = []
        for each in self.parameters:
            if each.when is not None and each.when[0] not in before:
                raise UnknownName(
                    f"parameter, on which {each.name} hangs and which must stand before it,", each.when[0], before
                )
            before.append(each.name)

    def __call__(self, trial: Chooser) -> Config:
        """Return the configuration that a trial chooses."""
        chosen: Config = {}
        for each in self.parameters:
            if each.exists(chosen):
                chosen[each.name] = each.domain.choose(trial, each.name)
        return chosen

    def names(self) -> list[str]:
        """Return the names in order."""
        return [each.name for each in self.parameters]

    def grid(self, levels: int) -> list[Config]:
        """Return every combination, the last parameter changing fastest; of a range so many values."""
        return list(_combinations(self.parameters, {}, levels))

    def grid_for(self, trials: int) -> list[Config]:
        """Return the smallest grid of at least so many combinations, or all that there are."""
        levels, made = 1, self.grid(1)
        while len(made) < trials and len(larger := self.grid(levels + 1)) >= len(made) and levels < trials:
            levels, made = levels + 1, larger
        return made

    def encoded(self, config: Mapping[str, Any]) -> Config:
        """Return a configuration as Optuna keeps it, lists as text."""
        choices = {each.name for each in self.parameters if isinstance(each.domain, Choice)}
        return {name: label(value) if name in choices else value for name, value in config.items()}


def label(option: Any) -> Any:
    """Return a value as a category of Optuna, which must be a scalar."""
    return option if isinstance(option, SCALARS) else json.dumps(option)


class _Recorder:
    """Notes what a function of a trial asks for, and chooses the first of everything."""

    def __init__(self) -> None:
        self.asked: dict[str, Domain] = {}

    def suggest_float(
        self, name: str, low: float, high: float, *, step: float | None = None, log: bool = False
    ) -> float:
        self.asked[name] = Real(low, high, log, step)
        return low

    def suggest_int(self, name: str, low: int, high: int, *, step: int = 1, log: bool = False) -> int:
        self.asked[name] = Whole(low, high, log, step)
        return low

    def suggest_categorical(self, name: str, choices: Sequence[Any]) -> Any:
        self.asked[name] = Choice(tuple(choices))
        return choices[0]


def traced(choose: Choose) -> Space:
    """Return the space of a function of a trial, as far as its first choices lead; a `Space` is its own."""
    if isinstance(choose, Space):
        return choose
    recorder = _Recorder()
    choose(recorder)
    return Space(tuple(Parameter(name, domain) for name, domain in recorder.asked.items()))


def checked_range(where: str, low: float, high: float, log: bool) -> None:
    """Raise UsageError unless the ends of a range are in order, above 0 where it is one of logarithms."""
    if not (math.isfinite(low) and math.isfinite(high)) or low > high or (log and low <= 0):
        asked = "0 < low <= high" if log else "low <= high"
        raise UsageError(f"{where}: found the range {low} to {high}; expected {asked}, both finite.")


def _combinations(rest: Sequence[Parameter], chosen: Config, levels: int) -> Iterator[Config]:
    if not rest:
        yield dict(chosen)
        return
    first, after = rest[0], rest[1:]
    if not first.exists(chosen):
        yield from _combinations(after, chosen, levels)
        return
    for value in first.domain.values(levels):
        yield from _combinations(after, {**chosen, first.name: value}, levels)


def _spread(low: float, high: float, levels: int, log: bool) -> list[float]:
    """Return values from end to end, ends included; of a single one the middle."""
    if log:
        return [min(high, max(low, math.exp(each))) for each in _spread(math.log(low), math.log(high), levels, False)]
    if levels == 1 or low == high:
        return [(low + high) / 2]
    return [low + (high - low) * n / (levels - 1) for n in range(levels)]
