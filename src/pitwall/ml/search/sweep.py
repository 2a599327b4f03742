"""Read the YAML of a sweep, as Weights & Biases has made it common: method, metric, parameters, early_terminate.

What such a file may say and a search here cannot do is refused with its name; what is for other programs only is listed as not used.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from pitwall.domain.errors import UnknownName, UsageError
from pitwall.ml.search.settings import SearchSettings
from pitwall.ml.search.space import Domain, Fixed, Parameter, Real, Space, checked_range
from pitwall.ml.search.spec import condition, number_of, options_of, whole

METHODS = {"bayes": "tpe", "grid": "grid", "random": "random"}
USED = ("method", "metric", "parameters", "early_terminate", "run_cap")
ELSEWHERE = ("program", "command", "name", "description", "project", "entity", "controller")
REALS = {
    "uniform": (False, False),
    "q_uniform": (False, True),
    "log_uniform_values": (True, False),
    "log_uniform": (True, False),
}
WHOLES = {"int_uniform": False, "q_int_uniform": False, "q_log_uniform_values": True}
DISTRIBUTIONS = ("constant", "categorical", *REALS, *WHOLES)
KEYS = ("value", "values", "distribution", "min", "max", "q", "when")


@dataclass(frozen=True)
class Sweep:
    """What a file of a sweep asks for.

    Attributes:
        space: its parameters.
        settings: method, direction, pruner and, where `run_cap` says it, the number of trials.
        metric: the name of what is searched for; empty where the file has none.
        unused: keys that are for other programs.
    """

    space: Space
    settings: SearchSettings
    metric: str
    unused: tuple[str, ...]


def read_sweep(path: Path | str, settings: SearchSettings | None = None) -> Sweep:
    """Return the sweep of a file.

    Args:
        path: of the YAML.
        settings: what the file does not say; the usual ones when None.

    Raises:
        UsageError: there is no such file, it is no YAML mapping, or a part of it cannot be.
        UnknownName: a key, method or distribution is not known; offers the nearest.
    """
    path = Path(path)
    try:
        said = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"there is no sweep {path}; give the YAML file that describes it.") from None
    except YAMLError as error:
        raise UsageError(f"{path.name} is not valid YAML: {error}") from error
    if not isinstance(said, Mapping):
        raise UsageError(f"{path.name} must be a mapping with `method` and `parameters`; found {type(said).__name__}.")
    return parse_sweep(said, path.name, settings or SearchSettings())


def parse_sweep(said: Mapping[str, Any], where: str, settings: SearchSettings) -> Sweep:
    """Return the sweep of a mapping; see `read_sweep` for the errors.

    Args:
        said: as the file says it.
        where: what the file is called in errors.
        settings: what the file does not say.
    """
    for key in said:
        if key not in {*USED, *ELSEWHERE}:
            raise UnknownName(f"key of {where}", str(key), (*USED, *ELSEWHERE))
    method = str(said.get("method"))
    if method not in METHODS:
        raise UnknownName(f"method of {where}", method, METHODS)
    parameters = said.get("parameters")
    if not isinstance(parameters, Mapping) or not parameters:
        raise UsageError(f"{where}: `parameters` must be a mapping of names to distributions; found {parameters!r}.")
    metric = said.get("metric") or {}
    goal = str(metric.get("goal", "minimize"))
    made = replace(settings, method=METHODS[method], direction=_goal(where, goal), **_pruning(where, said))
    if (cap := said.get("run_cap")) is not None:
        made = replace(made, trials=int(cap))
    space = Space(tuple(_parameter(where, str(name), each) for name, each in parameters.items()))
    return Sweep(space, made, str(metric.get("name", "")), tuple(key for key in said if key in ELSEWHERE))


def _goal(where: str, goal: str) -> Any:
    if goal not in {"minimize", "maximize"}:
        raise UnknownName(f"goal of the metric of {where}", goal, ("minimize", "maximize"))
    return goal


def _pruning(where: str, said: Mapping[str, Any]) -> dict[str, Any]:
    early = said.get("early_terminate")
    if early is None:
        return {"pruner": "none"}
    kind = str(early.get("type"))
    if kind != "hyperband":
        raise UnknownName(f"type of early_terminate of {where}", kind, ("hyperband",))
    for key in early:
        if key not in {"type", "min_iter", "max_iter", "eta", "s", "strict"}:
            raise UnknownName(
                f"key of early_terminate of {where}", str(key), ("type", "min_iter", "max_iter", "eta", "s")
            )
    found = {name: int(early[name]) for name in ("min_iter", "max_iter", "eta") if name in early}
    return {"pruner": "hyperband", **found}


def _parameter(where: str, name: str, said: Any) -> Parameter:
    place = f"{where}: parameters.{name}"
    if not isinstance(said, Mapping):
        raise UsageError(
            f"{place}: expected `value`, `values`, or a distribution with `min` and `max`; found {said!r}."
        )
    for key in said:
        if key not in KEYS:
            raise UnknownName(f"key of {place}", str(key), KEYS)
    return Parameter(name, _domain(place, said), condition(place, said.get("when")))


def _domain(where: str, said: Mapping[str, Any]) -> Domain:
    kind = said.get("distribution") or _meant(where, said)
    if kind == "constant":
        return Fixed(said.get("value"))
    if kind == "categorical":
        return options_of(where, said.get("values"))
    if kind not in DISTRIBUTIONS:
        raise UnknownName(f"distribution of {where}", str(kind), DISTRIBUTIONS)
    low, high = number_of(where, said, "min"), number_of(where, said, "max")
    step = number_of(where, said, "q") if "q" in said else None
    if kind == "log_uniform":  # its ends are exponents
        low, high = math.exp(low), math.exp(high)
    if kind in WHOLES:
        checked_range(where, low, high, WHOLES[kind])
        return whole(where, low, high, WHOLES[kind], step)
    log, stepped = REALS[kind]
    checked_range(where, low, high, log)
    return Real(float(low), float(high), log, (step or 1.0) if stepped else None)


def _meant(where: str, said: Mapping[str, Any]) -> str:
    """Return the distribution of a parameter that names none."""
    if "value" in said:
        return "constant"
    if "values" in said:
        return "categorical"
    if "min" not in said or "max" not in said:
        raise UsageError(f"{where}: expected `value`, `values`, or `min` and `max`; found {dict(said)!r}.")
    return "int_uniform" if all(isinstance(said[key], int) for key in ("min", "max")) else "uniform"
