"""The contract of a gate, and a candidate whose truth is known: its forecasts are the chances that made the results.

Every gate must pass that candidate, refuse the fault that it ships with, say why in both cases, print nothing, and say
the same again when asked again.
"""

from __future__ import annotations

from contextlib import redirect_stdout
from dataclasses import replace
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from pitwall.domain.errors import StageError
from pitwall.domain.params import GateParams, Params
from pitwall.domain.ports import ModelInterface
from pitwall.domain.refs import Verdict
from pitwall.domain.tables import Tables
from pitwall.ml.families import family
from pitwall.ml.families.order.answer import places
from pitwall.ml.families.order.plackett_luce import position_probabilities, ranks
from pitwall.ml.families.predictions import prediction_table, stack
from pitwall.ml.gates import Candidate, Gate
from pitwall.ml.gates._candidates import read_groups
from pitwall.ml.gates.card_present import SECTIONS
from pitwall.ml.gates.refit_equal import read_files
from pitwall.ml.models import model
from pitwall.ml.models.machinery.fitted import FittedModel
from pitwall.ml.rows import row_kind
from pitwall.ml.rows.machinery.race_blocks import race_blocks
from pitwall.ml.templates import answered_by
from pitwall.ml.training.registration import example_rows
from pitwall.ml.training.splits import labelled, outcomes
from pitwall.ml.training.walk_forward import default_recipe
from pitwall.testing.worlds.frames import joined
from pitwall.testing.worlds.tiny import tiny_tables

SPREAD = 1.2
READ = ("grid", "driver_race_rating")  # of a session group and of one that has a history
CARS = 14  # more than score points, or that question would be no question
MEASURED_IN_TIME = "ms"
PATIENT = 10_000.0  # a busy machine is no reason to refuse a good candidate


def check_gate(gate: Gate, good: Candidate) -> None:
    """Check a gate against its contract.

    Args:
        gate: the plug-in.
        good: a candidate that deserves to pass, e.g. `good_candidate()`.

    Raises:
        StageError: the gate refuses a good candidate, lets its planted fault through, gives no reason, prints, or
            judges the same candidate differently.
    """
    passed = _ask(gate, good)
    if not all(verdict.passed for verdict in passed):
        raise StageError(f"gate {gate.name} refuses a good candidate: {_reasons(passed)}")
    fault = gate.fault(good)
    failed = _ask(gate, fault)
    if all(verdict.passed for verdict in failed):
        raise StageError(f"gate {gate.name} lets its planted fault through: {_reasons(failed)}")
    for candidate, before in ((good, passed), (fault, failed)):
        if _lasting(_ask(gate, candidate)) != _lasting(before):
            raise StageError(f"gate {gate.name} judges the same candidate differently; seed what is drawn.")


def _ask(gate: Gate, candidate: Candidate) -> list[Verdict]:
    said = StringIO()
    with redirect_stdout(said):
        verdicts = gate.check(candidate)
    if said.getvalue():
        raise StageError(f"gate {gate.name} prints {said.getvalue()[:80]!r}; put it into the verdict's reason.")
    if not verdicts or any(v.gate != gate.name or not v.reason.strip() for v in verdicts):
        raise StageError(f"gate {gate.name} must give verdicts with its own name and a reason; found {verdicts}.")
    return verdicts


def _lasting(verdicts: list[Verdict]) -> list[Verdict]:
    """Return verdicts without what a clock measured: that differs from call to call."""
    return [
        replace(verdict, measured=None, reason="") if verdict.unit == MEASURED_IN_TIME else verdict
        for verdict in verdicts
    ]


def _reasons(verdicts: list[Verdict]) -> str:
    return "; ".join(verdict.reason for verdict in verdicts)


def good_candidate(seed: int = 1, seasons: int = 5, races: int = 10) -> Candidate:
    """Return a candidate that passes every gate: its predictions are the true chances of a planted world.

    Scores of cars are drawn, finishing orders are drawn from them, and the model says the exact place probabilities of
    the scores; the baseline knows nothing. A 95 % gate refuses even the truth in some worlds; the default seed is one
    of those in which none does.
    """
    tables, spine, truth = planted(tiny_tables(seasons, races, CARS, seed), seed)
    params = Params(seed=seed, gates=GateParams(bootstrap_draws=1000, latency_ms=PATIENT))
    groups, kind = read_groups(model("order"), READ), row_kind("race_driver")
    nothing = position_probabilities(np.zeros(len(spine)), spine["race_id"].to_numpy())
    baselines = sorted({template.baseline_at("pre_race") for template in answered_by("order")})
    tables_of = [prediction_table("planted", "model", spine, places(truth), kind)]
    tables_of += [prediction_table(name, "baseline", spine, places(nothing), kind) for name in baselines]
    planned = Candidate(
        name="order-pre_race",
        model="order",
        stage="pre_race",
        content="planted",
        params=params,
        tables=tables,
        spine=spine,
        frame=_filled(joined(spine, groups, tables, params)),
        groups=groups,
        predictions=stack(tables_of, family("order")),
        estimator="planted",
        answer=lambda frame: places(position_probabilities(np.zeros(len(frame)), frame["race_id"].to_numpy())),
        provenance={"git.commit": "0" * 40, "git.dirty": "clean", "data.stale": "clean"},
    )
    return _registered(planned)


def _registered(candidate: Candidate) -> Candidate:
    """Return the candidate with what a registry holds of it: a model folder, a card, an interface, a counted opening.

    The folder is that of a rule which needs no more than the grid, so that it is fitted in no time.
    """
    frame = candidate.frame
    rows = labelled("order", frame, outcomes("order", candidate.tables, frame))
    facts = {"races": rows[0]["race_id"].nunique(), "frame_md5": "planted"}
    recipe = replace(default_recipe("order", "grid_frequency", frame, 0, candidate.stage), facts=facts)
    with TemporaryDirectory() as scratch:
        FittedModel(recipe, recipe.fit(*rows)).save(Path(scratch), candidate.own)
        files = read_files(Path(scratch))
    example = recipe.select(example_rows(frame)).drop(columns="cutoff")
    inputs = {name: str(kind) for name, kind in example.dtypes.items()}
    sections = "\n\n".join(f"## {name}\n\nunknown" for name in SECTIONS)
    return replace(
        candidate,
        recipe=recipe,
        files=files,
        frame_md5="planted",
        openings=1,
        card=f"# {candidate.content}\n\n{sections}\n",
        interface=lambda: ModelInterface(inputs, example, candidate.answer),
    )


def planted(tables: Tables, seed: int) -> tuple[Tables, pd.DataFrame, np.ndarray]:
    """Return the tables with finishing orders drawn from `scores_of`, the spine, and the true place probabilities."""
    spine = row_kind("race_driver").spine(tables, "pre_race")
    scores, race = scores_of(spine, seed), spine["race_id"].to_numpy()
    luck = np.random.default_rng([seed, 1]).gumbel(size=len(spine))
    order = ranks(-(scores + luck), race_blocks(race))
    drawn = spine[["race_id", "driver_id"]].assign(drawn=order)
    results = tables["results"].merge(drawn, on=["race_id", "driver_id"])
    changed = results.assign(place=results["drawn"].astype("int64")).drop(columns="drawn")
    return tables.replace(results=changed), spine, position_probabilities(scores, race)


def scores_of(spine: pd.DataFrame, seed: int) -> np.ndarray:
    """Return the true strength of each car of a planted world, in nats."""
    return np.random.default_rng([seed, 0]).normal(0, SPREAD, len(spine))


def _filled(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with zeros for features of sessions that the tiny world never holds."""
    empty = [name for name in frame if frame[name].isna().all()]
    return frame.assign(**dict.fromkeys(empty, 0.0))
