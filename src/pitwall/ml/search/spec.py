"""Read a space as people write it: `{"type": "loguniform", "low": 1e-4, "high": 0.1}` for each parameter, or a list of values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pitwall.domain.errors import UnknownName, UsageError
from pitwall.ml.search.space import Choice, Domain, Fixed, Parameter, Real, Space, Whole, checked_range

RANGES = ("uniform", "loguniform", "int", "logint")
TYPES = (*RANGES, "choice", "fixed")
KEYS = {**dict.fromkeys(RANGES, ("low", "high", "step")), "choice": ("options",), "fixed": ("value",)}
WHEN = "when"


def parse_space(spec: Mapping[str, Any]) -> Space:
    """Return the space of distributions by name.

    Args:
        spec: {parameter: {"type": uniform, loguniform, int or logint, "low": ..., "high": ..., "step": ...}, or {"type": "choice",
            "options": [...]}, or {"type": "fixed", "value": ...}}; a bare list is a choice. `when: {other: value or list of values}` in
            one of them makes it exist only there; the other stands before it.

    Raises:
        UnknownName: there is no such type, key or other parameter; offers the nearest.
        UsageError: a key lacks, a range is none, or a choice has no options.
    """
    if not isinstance(spec, Mapping) or not spec:
        raise UsageError(f"a search space is a mapping of parameters to distributions; found {spec!r}.")
    return Space(tuple(_parameter(str(name), said) for name, said in spec.items()))


def condition(where: str, said: object) -> tuple[str, tuple[Any, ...]] | None:
    """Return what `when` says: the other parameter and its values."""
    if said is None:
        return None
    if not isinstance(said, Mapping) or len(said) != 1:
        raise UsageError(
            f"{where}: `when` names one other parameter and its value, e.g. {{optimizer: sgd}}; found {said!r}."
        )
    ((name, values),) = said.items()
    return str(name), tuple(values) if isinstance(values, list | tuple) else (values,)


def options_of(where: str, said: object) -> Choice:
    """Return the choice among the values of a list; raise UsageError where there are none."""
    if hasattr(said, "tolist"):
        said = said.tolist()
    if isinstance(said, str) or not isinstance(said, Sequence) or not said:
        raise UsageError(f"{where}: a choice needs a list with at least one value; found {said!r}.")
    return Choice(tuple(said))


def number_of(where: str, said: Mapping[str, Any], key: str) -> float:
    """Return the number under a key; raise UsageError where there is none."""
    value = said.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UsageError(f"{where}: `{key}` must be a number; found {value!r}.")
    return value


def _parameter(name: str, said: Any) -> Parameter:
    if not isinstance(said, Mapping):
        return Parameter(name, options_of(name, said))
    kind = said.get("type")
    if kind not in TYPES:
        raise UnknownName(f"type of distribution of {name}", str(kind), TYPES)
    for key in said:
        if key not in {"type", WHEN, *KEYS[kind]}:
            raise UnknownName(f"key of the distribution of {name}", str(key), ("type", *KEYS[kind], WHEN))
    return Parameter(name, _domain(name, kind, said), condition(name, said.get(WHEN)))


def _domain(name: str, kind: str, said: Mapping[str, Any]) -> Domain:
    if kind == "choice":
        return options_of(name, said.get("options"))
    if kind == "fixed":
        return Fixed(said.get("value"))
    low, high, log = number_of(name, said, "low"), number_of(name, said, "high"), kind.startswith("log")
    step = number_of(name, said, "step") if "step" in said else None
    checked_range(name, low, high, log)
    if kind in {"int", "logint"}:
        return whole(name, low, high, log, step)
    if log and step is not None:
        raise UsageError(
            f"{name}: a range of logarithms has no steps; leave `step` out, or list the values as a choice."
        )
    return Real(float(low), float(high), log, step)


def whole(where: str, low: float, high: float, log: bool, step: float | None) -> Whole:
    """Return a domain of whole numbers; raise UsageError where an end or the step is none."""
    if any(value != int(value) for value in (low, high, step or 1)):
        raise UsageError(
            f"{where}: a range of whole numbers has whole ends and steps; found {low} to {high}, step {step}."
        )
    if log and step not in {None, 1}:
        raise UsageError(
            f"{where}: a range of logarithms has no steps; leave `step` out, or list the values as a choice."
        )
    return Whole(int(low), int(high), log, int(step or 1))
