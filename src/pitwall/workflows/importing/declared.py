"""What a tagged cell finds as `pitwall`: the bench's words, which write down what is wished and do nothing.

Runs in a jail; standard library only. What an order cannot say is refused here, by name, rather than left out in silence.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any, NoReturn

USUAL_ALGORITHM, USUAL_GROUPS, USUAL_STAGE = "xgboost", "order", "pre_race"  # those of the bench
CHOICE = ("circuits", "conditions", "stage", "rows")
REVIEWED = "code that trains is a file of the project, which its owner reads first: docs/adding.md"
PLACES = ("pitwall", "pitwall.ml", "pitwall.features", "pitwall.workflows.notebook.bench.builder")
_declared: list[dict[str, Any]] = []


class Refused(Exception):
    """A cell asks for what an imported notebook does not get; the message says what."""


class Rows:
    """Rows that are wished: the lines of an order that choose them."""

    def __init__(self, lines: dict[str, Any]) -> None:
        self.lines = lines

    def __getitem__(self, key: object) -> NoReturn:
        raise Refused(
            "rows are wished here and not there yet: choose them by seasons, circuits and conditions of get_features"
        )

    def __getattr__(self, name: str) -> NoReturn:
        raise Refused(f"rows are wished here and not there yet: no `.{name}`; look at data in a cell without a tag")


class FeatureStore:
    """Takes the choices of `pw.FeatureStore`."""

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def get_features(
        self,
        seasons: Any = None,
        feature_groups: Any = None,
        custom_features: Sequence[str] = (),
        *,
        template: str | None = None,
        **choice: Any,
    ) -> Rows:
        """Return the wish for rows; see the bench's own for the arguments."""
        if custom_features:
            raise Refused(
                f"an order names features of the project's groups, and custom_features are none of them; {REVIEWED}"
            )
        if unknown := sorted(set(choice) - set(CHOICE)):
            raise Refused(f"an order chooses rows by seasons, {', '.join(CHOICE)}, and not by {', '.join(unknown)}")
        if isinstance(seasons, tuple) and len(seasons) == 2:
            seasons = f"{seasons[0]}:{seasons[1]}"
        plain = {"groups": USUAL_GROUPS, "stage": USUAL_STAGE} if template is None else {}
        said = {**choice, "seasons": seasons, "groups": feature_groups}
        return Rows({**plain, **{name: value for name, value in said.items() if value is not None}})

    def __getattr__(self, name: str) -> NoReturn:
        raise Refused(f"a tagged cell declares: of FeatureStore it gets get_features, not {name}")


class FeatureEngineer:
    """Refuses functions, and says where they belong."""

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def register(self, name: str, **_: object) -> Callable[..., NoReturn]:
        """Refuse a function as a feature."""
        raise Refused(f"the feature {name} is a function, and {REVIEWED}")

    def __getattr__(self, name: str) -> NoReturn:
        raise Refused(f"FeatureEngineer.{name} makes features by code, and {REVIEWED}")


class Declared:
    """A model that is wished; of what one can do with a trained one it only takes its name."""

    def __init__(self, lines: dict[str, Any]) -> None:
        self._lines = lines

    def deploy(self, name: str, **_: object) -> None:
        """Take the name that it shall have; the gates are asked when it is deployed."""
        self._lines["name"] = name

    def __getattr__(self, name: str) -> NoReturn:
        raise Refused(f"the model is wished here and not trained yet: no `.{name}`; look at it in a cell without a tag")


class ModelBuilder:
    """Takes the question of `pw.ModelBuilder`."""

    def __init__(self, task: str, target: object, *, baseline: str = "", name: str = "", **_: object) -> None:
        if not isinstance(target, str):
            raise Refused(
                f"a target is the name of a question or of a column here; {type(target).__name__} is code, and {REVIEWED}"
            )
        about = {"task": task, "baseline": baseline} if "." in target else {}
        self._lines = {"question": target, **{key: value for key, value in about.items() if value}}
        if name:
            self._lines["name"] = name

    def train(
        self,
        data: Any = None,
        algorithm: str = USUAL_ALGORITHM,
        *,
        auto_tune: Any = False,
        features: Sequence[str] | None = None,
        folds: Any = None,
        seed: int | None = None,
        **further: Any,
    ) -> Declared:
        """Return the wish for a model; see the bench's own for the arguments."""
        if further:
            raise Refused(
                f"an order has no line for {', '.join(sorted(further))}; leave it out, or train in a notebook of the project"
            )
        if isinstance(auto_tune, Mapping):
            raise Refused("auto_tune is True, False or a number of trials in an order; its settings are the project's")
        if data is not None and not isinstance(data, Rows):
            raise Refused(
                "rows come from the project's store: train on what FeatureStore().get_features(...) returns in a tagged cell"
            )
        said = {"algorithm": algorithm, "auto_tune": auto_tune, "features": features, "folds": folds, "seed": seed}
        rows = data.lines if isinstance(data, Rows) else {}
        lines = {**self._lines, **rows, **{key: value for key, value in said.items() if value is not None}}
        _declared.append(lines)
        return Declared(lines)

    def __getattr__(self, name: str) -> NoReturn:
        raise Refused(f"a tagged cell declares: of ModelBuilder it gets train, not {name}")


def taken() -> list[Any]:
    """Return the models that were declared since the last time."""
    found = list(_declared)
    _declared.clear()
    return found


def put_in_place() -> None:
    """Let `import pitwall`, and the places where the bench's words are imported from, find this module's."""
    for name in PLACES:
        sys.modules[name] = _StandIn(name)


class _StandIn(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if (inner := sys.modules.get(f"{self.__name__}.{name}")) is not None:
            return inner
        if (
            found := {
                "FeatureEngineer": FeatureEngineer,
                "FeatureStore": FeatureStore,
                "ModelBuilder": ModelBuilder,
            }.get(name)
        ) is None:
            if name.startswith("__"):
                raise AttributeError(name)
            raise Refused(f"a tagged cell gets ModelBuilder, FeatureStore and FeatureEngineer of pitwall, not {name}")
        return found
