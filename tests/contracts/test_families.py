"""Every family of answers that discovery finds keeps the contract, and the contract catches the ways to break it."""

from dataclasses import replace

import numpy as np
import pytest

from pitwall.domain.errors import UnknownName
from pitwall.ml.families import Counted, families, family
from pitwall.testing import check_family
from pitwall.testing.worlds.answers import WORLDS, metric_value, scored_rows


@pytest.mark.parametrize("name", sorted(families()))
def test_family_keeps_the_contract(name):
    assert family(name).name == name
    check_family(family(name))


@pytest.mark.parametrize("name", sorted(WORLDS))
def test_the_honest_answer_is_the_best_that_chance_allows(name):
    """What the contract calls honest is not beaten by the same answer made bolder or flatter."""
    kind, world = family(name), WORLDS[name](races=150, cars=12)
    loss = kind.metrics[kind.tuned_by]
    honest = metric_value(loss, scored_rows(kind, world, world.honest))
    for fault in (kind.faults.bold, kind.faults.flat):
        spoilt = world.honest.copy()
        spoilt[:] = fault(spoilt.to_numpy())
        assert metric_value(loss, scored_rows(kind, world, spoilt)) > honest


def with_(name, metric, **changes):
    known = family(name)
    return replace(known, metrics={**known.metrics, metric: replace(known.metrics[metric], **changes)})


def keep(values):
    return values


def faults(name, **changes):
    return replace(family(name), faults=replace(family(name).faults, **changes))


def calibrated(name, **changes):
    return replace(family(name), calibration=replace(family(name).calibration, **changes))


def classed(name, **changes):
    return replace(family(name), classes=replace(family(name).classes, **changes))


def test_a_score_of_one_name_points_the_same_way_in_every_family() -> None:
    """Pages and floors ask for a metric by its name alone; how it is counted is each family's own."""
    meant: dict[str, set[tuple[bool, float | None]]] = {}
    for each in families().values():
        for name, score in {**each.metrics, **each.whole, **each.counted.metrics}.items():
            meant.setdefault(name, set()).add((score.higher_is_better, score.target))
    assert {name: ways for name, ways in meant.items() if len(ways) > 1} == {}


FAULTS = {
    "a metric that runs the other way": (
        with_("binary", "brier", higher_is_better=True),
        "brier says that higher is better",
    ),
    "a metric that is no number": (
        with_("binary", "brier", per_block=lambda rows, b: np.full(b.count, np.nan)),
        "no finite number",
    ),
    "a metric that counts rows": (
        with_("binary", "brier", per_block=lambda rows, b: np.full(b.count, rows["driver_id"].iloc[0])),
        "order of rows",
    ),
    "a metric of nothing": (with_("binary", "brier", per_block=None), "is either a mean of races"),
    "a metric of both kinds": (
        with_("binary", "auc", per_block=lambda rows, b: np.zeros(b.count)),
        "is either a mean of races",
    ),
    "answers that are counted without a rule": (
        replace(family("binary"), counted=replace(family("binary").counted, rule=" ")),
        "what counts as right",
    ),
    "a share that counts what is wrong": (
        replace(
            family("binary"),
            counted=Counted({"f1": replace(family("binary").counted.metrics["f1"], higher_is_better=False)}, "r"),
        ),
        "f1 says that lower is better",
    ),
    "a margin of nothing": (with_("binary", "brier", margin_share=0.0), "margin's share"),
    "a loss that lacks": (replace(family("order"), tuned_by="crps"), "crps is none of the family's metrics"),
    "answers that are not checked": (
        replace(family("regression"), check=lambda answer, race: None),
        "accepts an answer with a null",
    ),
    "curves that are not checked": (
        replace(family("curve"), check=lambda answer, race: None),
        "accepts an answer with a null",
    ),
    "durations that are not checked": (
        replace(family("survival"), check=lambda answer, race: None),
        "accepts an answer with a null",
    ),
    "bold durations that are honest": (faults("survival", bold=keep), "claim to know more than they do pass"),
    "durations that are turned into themselves": (
        faults("survival", turned=keep),
        "does not see that answers are turned",
    ),
    "a bold curve that is not": (faults("curve", bold=keep), "claim to know more than they do pass"),
    "columns of another table": (replace(family("binary"), columns=lambda names: ["p"]), "has no answer columns"),
    "columns in any order": (
        replace(family("order"), columns=lambda names: [n for n in names if n.startswith("place_")]),
        "in this order",
    ),
    "a flat fault that says all": (faults("binary", flat=keep), "does not see that answers are flat"),
    "a turned fault that says the truth": (faults("regression", turned=keep), "does not see that answers are turned"),
    "a bold fault that is not": (faults("order", bold=keep), "claim to know more than they do pass"),
    "a fault of another shape": (faults("order", bold=lambda values: values[1:]), "rows x columns"),
    "a calibration that nobody meets": (calibrated("binary", target=2.0), "the honest answer is refused"),
    "a limit that gates lack": (calibrated("binary", limit="eec"), "eec is no limit of gates"),
    "an outcome of a race to come": (
        replace(
            family("binary"),
            outcome=lambda tables, frame, key, label: family("binary").outcome(tables, frame, key, label).fillna(False),
        ),
        "has no outcome",
    ),
    "an outcome out of line": (
        replace(
            family("regression"),
            outcome=lambda tables, frame, key, label: (
                family("regression").outcome(tables, frame, key, label).sort_index()
            ),
        ),
        "aligned with the frame",
    ),
    "classes the wrong way round": (
        classed("binary", true=lambda rows: np.where(rows["label"], 1, 0)),
        "another class than the one that came true",
    ),
    "a class that is not there": (
        classed("binary", said=lambda rows: np.full(len(rows), 2)),
        "`said` is the number of one of 2 classes",
    ),
    "a curve of nothing": (classed("binary", chances=lambda rows: {"maybe": rows["probability"]}), "found maybe"),
    "a ranked score that is better when it is higher": (
        with_("multiclass", "rps", higher_is_better=True),
        "rps says that higher is better",
    ),
    "classes whose chances are not checked": (
        replace(family("multiclass"), check=lambda answer, race: None),
        "accepts an answer with a null",
    ),
    "classes that are turned into themselves": (
        faults("multiclass", turned=keep),
        "does not see that answers are turned",
    ),
    "bold classes that are honest": (faults("multiclass", bold=keep), "claim to know more than they do pass"),
    "classes in the order of their names": (
        replace(family("multiclass"), columns=lambda names: sorted(n for n in names if n.startswith("p_"))),
        "in this order",
    ),
    "a coverage that is right elsewhere": (
        replace(
            family("regression"),
            metrics={
                **family("regression").metrics,
                "coverage_80": replace(family("regression").metrics["coverage_80"], target=0.5),
            },
        ),
        "coverage_80 of the honest answer is .* not near 0.5",
    ),
}


@pytest.mark.parametrize("what", FAULTS)
def test_the_contract_catches(what):
    broken, why = FAULTS[what]
    with pytest.raises(AssertionError, match=why):
        check_family(broken)


def test_a_family_of_ones_own_brings_its_worlds():
    mine = replace(family("binary"), name="mine")
    with pytest.raises(UnknownName, match="argument `draws`"):
        check_family(mine)
    check_family(mine, WORLDS["binary"])
