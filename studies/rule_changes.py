"""Is a season under new rules foreseen better by ratings that forget more, learn faster, or trust themselves less?

    python studies/rule_changes.py [--worlds N] [--seed N] [--small] [--json FILE] [--docs FILE]

Run it in a project with real data whose frames are made (`dvc repro frames`). Every variant is a change of the default recipe that is only felt
where `pitwall.domain.racing.rule_changes` says that rules change:

- *chosen on* 1998, 2009, 2014 and the seasons after the first two, with both members of the stack in equal parts, trained from 1988, and on
  such seasons of synthetic worlds, whose rules change every fifth season;
- *scored once* on 2017 and 2022 with the stack as it is trained: the variant that was best where it was chosen, by race of the season, and
  over 2015 to 2024 as a whole.

Gains are paired race by race, whole races resampled; above zero the variant is better. `--small` scores the last season of a small world.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd
from _report import Row, markdown, options, report
from _worlds import frame_of, tables_of, world

from pitwall.domain.params import GateParams, Params
from pitwall.domain.racing.rule_changes import RULE_CHANGES
from pitwall.domain.tables import Tables, load_tables
from pitwall.features import groups
from pitwall.features.machinery.build import build_group
from pitwall.ml.estimators import FitInput, estimator
from pitwall.ml.estimators._estimator import Params as Values
from pitwall.ml.estimators.order import conditional_logit
from pitwall.ml.estimators.order._elimination import conditional_logit as from_eliminations
from pitwall.ml.estimators.order._elimination import eliminations
from pitwall.ml.estimators.order._logit import LinearOrder
from pitwall.ml.estimators.order._order import SaysPlaces
from pitwall.ml.evaluation.bootstrap import mean_interval, paired_difference
from pitwall.ml.evaluation.scoring import template_scores
from pitwall.ml.families.order.answer import places
from pitwall.ml.families.predictions import prediction_table
from pitwall.ml.rows import row_kind
from pitwall.ml.search.workers import spread
from pitwall.ml.templates import template
from pitwall.ml.training.splits import completed_seasons, outcomes, walk_forward
from pitwall.sources.synthetic import SyntheticSettings
from pitwall.sources.synthetic_world.state.field import RULE_CHANGE_EVERY
from pitwall.testing.worlds.frames import join
from pitwall.workflows.workspace import Workspace

CHOSEN_ON, SCORED = (1998, 1999, 2009, 2010, 2014), (2017, 2022)
WHOLE = range(2015, 2025)
CHOSEN_FROM, TRAINED_FROM = 1988, 1998
MEMBERS = ("conditional_logit", "winner_logit")
OURS = "stack"
LOSSES = {"race_winner": "log_loss", "podium": "brier", "points": "brier"}
RATINGS = ("driver_rating", "team_rating", "driver_laps", "team_laps")
PARTS = ((1, 3), (4, 7), (8, 14), (15, 99))
OPENERS = 3
WORLDS, SEASONS = 4, 15
GATES = GateParams()


@dataclass(frozen=True)
class Variant:
    """A change of the recipe.

    Attributes:
        says: what it does.
        ratings: settings of the filter under new rules.
        keeps: what a season before the last change of rules counts beside those since, where the order is learned.
        trust: what scores are multiplied with in the first races under new rules; below 1 chances lie closer together.
    """

    says: str
    ratings: Mapping[str, float]
    keeps: float = 1.0
    trust: float = 1.0


CHOSEN = "forget more, wider"
VARIANTS = {
    "forget more": Variant("a team keeps 30 % of its rating over the winter, not 60 %", {"team_rule_keep": 0.3}),
    "wider": Variant("a winter widens a team by .9, not by .6", {"team_rule_winter": 0.9}),
    CHOSEN: Variant("both", {"team_rule_keep": 0.3, "team_rule_winter": 0.9}),
    "forget less": Variant("a team keeps 80 %", {"team_rule_keep": 0.8}),
    "narrower": Variant("a winter widens a team by .4", {"team_rule_winter": 0.4}),
    "learn faster": Variant("from race to race a team moves by .16, not by .08", {"team_rule_drift": 0.16}),
    "earlier seasons count a quarter": Variant("where eliminations are learned from", {}, keeps=0.25),
    "earlier seasons count half": Variant("the same", {}, keeps=0.5),
    "flatter openers": Variant("scores times .8 in the first three races", {}, trust=0.8),
}


@dataclass(frozen=True)
class Data:
    """A history and the seasons in which its rules change; frames have the default ratings."""

    tables: Tables
    frame: pd.DataFrame
    changes: tuple[int, ...]

    def of(self, variant: Variant | None) -> pd.DataFrame:
        """Return the frame with the ratings of a variant."""
        if variant is None or not variant.ratings:
            return self.frame
        own = {"rule_changes": " ".join(map(str, self.changes)), **variant.ratings}
        params = Params(features=dict.fromkeys(RATINGS, own))
        asked = {groups()[name]: build_group(groups()[name], self.tables, params) for name in RATINGS}
        spine = self.frame[[*row_kind("race_driver").said, "cutoff"]]
        made = join(spine, asked)
        names = [name for group in asked for name in group.names if name in self.frame]
        return self.frame.assign(**{name: made[name].to_numpy() for name in names})


def losses(data: Data, variant: Variant | None, seasons: Sequence[int], name: str) -> pd.DataFrame:
    """Return the main loss of every question by race (index race_id; also season and round), each season predicted from those before it.

    Args:
        data: with enough seasons before the first one.
        variant: None for the recipe as it is.
        seasons: to predict.
        name: an estimator, or `pool` for both members in equal parts.
    """
    frame = data.of(variant)
    said = []
    for fold in walk_forward("order", frame, outcomes("order", data.tables, frame), list(seasons)):
        fitted = [
            _fit(each, fold.train, fold.outcome, variant, data) for each in (MEMBERS if name == "pool" else (name,))
        ]
        answer = places(
            np.mean([_positions(each, fold.test, variant, data) for each in fitted], axis=0), fold.test.index
        )
        said.append(prediction_table(name, "model", fold.test, answer, row_kind("race_driver")))
    table = pd.concat(said, ignore_index=True).fillna(0.0)
    races = table.drop_duplicates("race_id").set_index("race_id")[["season", "round"]]
    return races.assign(**{q: template_scores(template(q), table, data.tables)[loss] for q, loss in LOSSES.items()})


def _fit(name: str, frame: pd.DataFrame, outcome: pd.DataFrame, variant: Variant | None, data: Data) -> SaysPlaces:
    plugin = estimator("order", name)
    if variant is not None and variant.keeps < 1 and name == conditional_logit.ESTIMATOR.name:
        plugin = replace(
            conditional_logit.ESTIMATOR, learn=partial(_discounted, keeps=variant.keeps, changes=data.changes)
        )
    fitted = plugin.fit(FitInput(frame, outcome, plugin.default(), 7))
    assert isinstance(fitted, SaysPlaces)
    return fitted


def _discounted(  # noqa: PLR0917  (the first four are those of every way to learn)
    matrix: np.ndarray,
    frame: pd.DataFrame,
    outcome: pd.DataFrame,
    params: Values,
    keeps: float,
    changes: tuple[int, ...],
) -> np.ndarray:
    """Learn from eliminations, those before the last change of rules counting less."""
    races = eliminations(frame, outcome, params["focus"], params["half_life"])
    season = frame["season"].to_numpy()[races.rows[:, :1]]
    last = max((each for each in changes if each <= season.max()), default=0)
    return from_eliminations(
        matrix, replace(races, weight=races.weight * np.where(season < last, keeps, 1.0)), params["ridge"]
    )


def _positions(fitted: SaysPlaces, test: pd.DataFrame, variant: Variant | None, data: Data) -> np.ndarray:
    usual = fitted.positions(test)
    if variant is None or variant.trust == 1 or not isinstance(fitted, LinearOrder):
        return usual
    flatter = replace(fitted, coefficients=variant.trust * fitted.coefficients).positions(test)
    openers = (test["season"].isin(data.changes) & (test["round"] <= OPENERS)).to_numpy()
    return np.where(openers[:, None], flatter, usual)


def gains(before: pd.DataFrame, after: pd.DataFrame, seed: int) -> dict[str, str]:
    """Return what the second of two tables of losses gains over the first, a column per question."""
    told = {}
    for question, loss in LOSSES.items():
        own, other = after[question], before[question].reindex(after.index)
        found = paired_difference(own.to_numpy(), other.to_numpy(), GATES.bootstrap_draws, seed)
        told[f"{question} {loss}"] = f"{found.value:+.4f} ({found.low:+.4f} to {found.high:+.4f})"
    return told


def chosen_rows(where: str, data: Data, seasons: tuple[int, ...], seed: int) -> list[Row]:
    """Return a row per variant: its gain over the recipe as it is in seasons under new rules."""
    usual = losses(data, None, seasons, "pool")
    return [
        {"": name, "what changes under new rules": each.says, "where": where, "races": len(usual)}
        | gains(usual, losses(data, each, seasons, "pool"), seed)
        for name, each in VARIANTS.items()
    ]


def world_losses(settings: SyntheticSettings) -> dict[str, pd.DataFrame]:
    """Return the losses of every variant, and of none, in the seasons of a synthetic world whose rules are new."""
    tables = tables_of(settings)
    changes = tuple(range(settings.first, settings.first + settings.all_seasons, RULE_CHANGE_EVERY))
    seasons = [season for season in completed_seasons(tables)[2:] if {season, season - 1} & set(changes)]
    frame = frame_of(tables, set(estimator("order", OURS).needs or ()))
    data = Data(tables, frame, changes)
    made = {"": losses(data, None, seasons, "pool")}
    made |= {name: losses(data, each, seasons, "pool") for name, each in VARIANTS.items()}
    return {name: table.set_index(table.index + settings.seed * 10**7) for name, table in made.items()}


def world_rows(worlds: list[SyntheticSettings], seed: int) -> list[Row]:
    """Return a row per variant over all synthetic worlds."""
    parts = spread(world_losses, worlds)
    whole = {name: pd.concat([part[name] for part in parts]) for name in ("", *VARIANTS)}
    where = f"{len(worlds)} worlds"
    return [
        {"": name, "what changes under new rules": each.says, "where": where, "races": len(whole[""])}
        | gains(whole[""], whole[name], seed)
        for name, each in VARIANTS.items()
    ]


def scored_rows(stage: str, data: Data, seed: int) -> list[Row]:
    """Return what the chosen variant loses and gains on the seasons that nobody chose on, by race of the season and as a whole."""
    usual, changed = (losses(data, each, WHOLE, OURS) for each in (None, VARIANTS[CHOSEN]))
    new = usual["season"].isin(SCORED)
    parts = {f"{season}": usual["season"] == season for season in SCORED}
    parts |= {
        f"both, races {first} to {min(last, int(usual['round'].max()))}": new & usual["round"].between(first, last)
        for first, last in PARTS
    }
    parts |= {"the seasons after": usual["season"].isin([season + 1 for season in SCORED])}
    parts |= {f"{WHOLE[0]} to {WHOLE[-1]}": usual["season"] > 0}
    rows = []
    for name, chosen in parts.items():
        value = [
            mean_interval(table.loc[chosen, "race_winner"].to_numpy(), GATES.bootstrap_draws, seed).value
            for table in (usual, changed)
        ]
        head = {
            "stage": f"`{stage}`",
            "races of": name,
            "races": int(chosen.sum()),
            "winner log loss": f"{value[0]:.3f} to {value[1]:.3f}",
        }
        rows.append(head | gains(usual[chosen], changed[chosen], seed))
    return rows


def main() -> None:
    """Choose, score, tell."""
    parser = options(__doc__, "one small world, and nothing real")
    parser.add_argument("--worlds", type=int, default=WORLDS, help="synthetic worlds, from --seed on")
    chosen = parser.parse_args()
    size = {"seasons": 7, "races": 6} if chosen.small else {"seasons": SEASONS}
    worlds = [world(chosen.seed + number, **size) for number in range(1 if chosen.small else chosen.worlds)]
    tables = {"chosen": world_rows(worlds, chosen.seed)}
    if not chosen.small:
        tables = {**real(chosen.seed, tables["chosen"])}
    report("rule_changes", "\n".join(markdown(rows) for rows in tables.values()), tables, chosen)


def real(seed: int, of_worlds: list[Row]) -> dict[str, list[Row]]:
    """Return both tables with the real seasons in front."""
    chosen_on, scored = [], []
    with Workspace() as workspace:
        for stage in ("pre_race", "pre_weekend"):
            job = workspace.job(f"order-{stage}")
            frame, tables = pd.read_parquet(job.frame_path), load_tables(job.project.tables)
            chosen_on += chosen_rows(f"real, `{stage}`", _since(CHOSEN_FROM, frame, tables), CHOSEN_ON, seed)
            scored += scored_rows(stage, _since(TRAINED_FROM, frame, tables), seed)
    return {"chosen": [*chosen_on, *of_worlds], "scored": scored}


def _since(first: int, frame: pd.DataFrame, tables: Tables) -> Data:
    return Data(tables, frame[frame["season"] >= first].reset_index(drop=True), RULE_CHANGES)


if __name__ == "__main__":
    main()
