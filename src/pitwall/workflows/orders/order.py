"""A training order: a question, the data, the features and how it is trained, as people choose them, in a file of a few lines.

What is left out is the usual: the question's own stage, features and algorithm, all seasons and circuits. An order says what is
wished, `ModelSpec` what came of it on the data of that day, row by row.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from io import StringIO
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError

from pitwall.domain.access.sharing import ORIGIN
from pitwall.domain.errors import UnknownName, UsageError
from pitwall.domain.params import Section
from pitwall.workflows.bench.ordering import SEED

ALL = "all"
LISTS = ("seasons", "circuits", "groups", "features")
MOST_TRIALS = 1000


class TrainingOrder(Section):
    """What is to be trained.

    Attributes:
        question: the name of a template, or a column of a table, such as `results.points`.
        task: of a column: classification or regression.
        baseline: the rule that a model of a column must beat; a template has its own.
        rows: what a row of a column is about; a car in a race when empty.
        stage: when it forecasts; the question's first one when empty.
        seasons: all when empty.
        circuits: by reference; all when empty.
        conditions: of the races, {name: wanted}, e.g. `wet: false`; all races when empty.
        groups: of features; those of the question's model when empty.
        features: single columns of the groups; all when empty.
        algorithm: an estimator of the question's family; that of the question's model when empty.
        auto_tune: whether its parameters are searched: true for as many trials as the project's models get, or a number of trials.
        folds: how many of the newest seasons are judged, each by what was learned before it; as the project's models when 0.
        seed: of every random choice.
        device: where it learns, `cpu` or `cuda`; the processor answers.
        name: of the model once it is deployed; may be empty.
        forked_from: the bundle whose order this was, `NAME@VERSION/BUNDLE/SIGNER`; of an order of one's own empty.
    """

    question: str
    task: str = ""
    baseline: str = ""
    rows: str = ""
    stage: str = ""
    seasons: tuple[int, ...] = ()
    circuits: tuple[str, ...] = ()
    conditions: dict[str, bool] = Field(default_factory=dict)
    groups: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    algorithm: str = ""
    auto_tune: bool | int = False
    folds: int = Field(0, ge=0, le=50)
    seed: int = Field(SEED, ge=0, lt=2**32)
    device: Literal["cpu", "cuda"] = "cpu"
    name: str = ""
    forked_from: str = Field("", pattern=f"^({ORIGIN})?$")

    @field_validator(*LISTS, mode="before")
    @classmethod
    def _several(cls, given: object) -> object:
        """Read `all`, a single value and seasons such as 2015:2024 as people write them."""
        if given in (None, ALL):
            return ()
        if isinstance(given, str) and ":" in given:
            first, _, last = given.partition(":")
            return tuple(range(int(first), int(last) + 1))
        return (given,) if isinstance(given, str | int) else given

    @field_validator("seasons", "circuits")
    @classmethod
    def _sorted(cls, given: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(sorted(set(given)))

    @field_validator("conditions", mode="before")
    @classmethod
    def _named(cls, given: object) -> object:
        if given in (None, ALL):
            return {}
        return dict(sorted(given.items())) if isinstance(given, Mapping) else given

    @field_validator("auto_tune", mode="before")
    @classmethod
    def _number(cls, given: object) -> object:
        return int(given) if isinstance(given, str) and given.isdecimal() else given

    @field_validator("auto_tune")
    @classmethod
    def _trials(cls, given: bool | int) -> bool | int:
        if not isinstance(given, bool) and not 1 <= given <= MOST_TRIALS:
            raise ValueError(f"auto_tune is true, false, or a number of trials from 1 to {MOST_TRIALS}")
        return given

    @property
    def custom(self) -> bool:
        """Whether the question is a column of a table."""
        return "." in self.question

    def content(self) -> dict[str, Any]:
        """Return the order as JSON values, in the order of its fields; what is left at its default is not there."""
        said = self.model_dump(mode="json")
        return {
            name: said[name]
            for name, field in type(self).model_fields.items()
            if name == "question" or getattr(self, name) != field.get_default(call_default_factory=True)
        }


def order_of(content: object) -> TrainingOrder:
    """Return the order that some values say.

    Raises:
        UnknownName: a key is none of an order; offers the nearest one.
        UsageError: a value cannot be; says which, what was found and what was expected.
    """
    if not isinstance(content, Mapping):
        raise UsageError(
            f"an order is a few lines such as `question: dnf`; found {_short(content)}. See docs/wizard.md for all of them."
        )
    for name in content:
        if name not in TrainingOrder.model_fields:
            raise UnknownName("line of an order", str(name), TrainingOrder.model_fields)
    try:
        return TrainingOrder.model_validate(dict(content))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise UsageError(f"the order's {place}: {first['msg']} (found {_short(first['input'])}).") from None


def read(text: str) -> TrainingOrder:
    """Return the order of a file's text.

    Raises:
        UnknownName, UsageError: it is none; see `order_of`.
    """
    try:
        return order_of(YAML(typ="safe", pure=True).load(text))
    except YAMLError as error:
        raise UsageError(f"the order is no YAML: {error}") from None


def written(order: TrainingOrder) -> str:
    """Return the text of an order: one text for one order."""
    yaml = YAML(typ="rt", pure=True)
    yaml.default_flow_style, yaml.width = None, 120
    lines, stream = CommentedMap(order.content()), StringIO()
    lines.fa.set_block_style()  # one line a choice; lists stand within theirs
    yaml.dump(lines, stream)
    return stream.getvalue()


def command(order: TrainingOrder) -> str:
    """Return the command line that trains the same model."""
    return f"pitwall order train {' '.join(shlex.quote(word) for word in arguments(order))}"


def arguments(order: TrainingOrder) -> list[str]:
    """Return the options of `pitwall order train` that say an order."""
    said = [f"--{name.replace('_', '-')} {_words(name, value)}" for name, value in order.content().items()]
    return [word for each in said for word in each.split(" ", 1)]


def _words(name: str, value: Any) -> str:
    if name == "conditions":
        return ",".join(each if wanted else f"not {each}" for each, wanted in value.items())
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def conditions_of(text: str) -> dict[str, bool]:
    """Return the conditions that are written as `wet,not street`."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    return {word.removeprefix("not ").strip(): not word.startswith("not ") for word in words}


def _short(value: object) -> str:
    said = repr(value)
    return said if len(said) <= 80 else f"{said[:77]}..."
