"""How often does the test of two models that is looked at after every race say what is not so, and how long until it says what is?

    python studies/ab.py [--runs N] [--bound NATS] [--seed N] [--small] [--json FILE] [--picture FILE] [--docs FILE]

Truth: the chances of winning of the synthetic world's races. Two models are made by disturbing them (`_pairs.py`), races are drawn, their
winners are drawn from the truth, and both are scored by the log loss of `race_winner`, as in the track record. Pairs that are equally good in
expectation show false verdicts, beside a t-test that is looked at just as often; pairs a known number of nats apart show how long a
verdict takes. Bound and bets were chosen on other worlds (`--seed 901`, with several of `--bound`). Shares have 95 % Wilson intervals.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from _pairs import Pair, make_pair
from _report import markdown, options, report, wilson
from _worlds import true_chances, world
from scipy import stats

from pitwall.domain.sections.duel import DuelParams
from pitwall.ml.families.shared.events import FLOOR
from pitwall.monitoring.sequential import Design
from pitwall.monitoring.sequential.capital import log_capital
from pitwall.monitoring.sequential.to_go import races_to_go
from pitwall.report.content.intervals import interval, percent
from pitwall.report.figures.canvas import canvas, write_png

WORLDS, SEASONS, DRAWS = 2, 15, 500  # as in gate_power.py, so that both count the same races once
SEASON, ONE_LOOK = 24, 48
LENGTHS = (SEASON, 48, 240)
EFFECTS = (0.05, 0.1, 0.2)
KINDS = ("noise", "timid", "bold")
APART = 0.1  # nats between the two that are swapped, and by which both of an equal pair are worse than a third
FIRST_T = 5  # races before anybody would look at a t-test
PER_PAIR = 20
MANY = 200  # runs, below which a share says little
FALSE, POWER = 0.05, 0.70  # limits
LIMITED = ("noise", "timid")  # the bold are shown: what tells them from others are the few races that the bound cuts
OVER = "over"
SHIPPED = DuelParams()
DESIGN = Design(SHIPPED.bound_of("race_winner", "log_loss"), SHIPPED.alpha)
WITHIN = (
    f"Within the limits: at most {FALSE:.0%} false verdicts; at least {POWER:.0%} verdicts by race 48 at the effect that one look after 48 finds "
    "with 95 %, if the worse one is wrong about who wins, or timid."
)
Row = dict[str, Any]


@dataclass(frozen=True)
class Size:
    """How much is drawn.

    Attributes:
        runs: a row.
        longest: races of a run.
        steps: of the bisection for the effect that one look finds.
        design: of the test.
    """

    runs: int
    longest: int = 1200
    steps: int = 9
    design: Design = DESIGN


SMALL = Size(20, longest=240, steps=3)


def differences(truth: np.ndarray, pair: Pair, shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Return loss of the champion less that of the candidate, runs x races, of races drawn from the world with winners drawn from the truth."""
    race = rng.integers(len(truth), size=shape)
    bounds = truth[race].cumsum(axis=-1)
    winner = (rng.random((*shape, 1)) * bounds[..., -1:] < bounds).argmax(axis=-1)
    own, other = (np.log(np.maximum(said[race, winner], FLOOR)) for said in (pair.candidate, pair.champion))
    return np.asarray(own - other)


def equal(truth: np.ndarray, kind: str, rng: np.random.Generator) -> Pair:
    """Return two models with one expected loss: alike, or one wrong about who and one too sure."""
    if kind == "alike":
        return make_pair(truth, 0.0, "noise", rng)
    seed = int(rng.integers(2**32))
    noisy, bold = (make_pair(truth, APART, worse, np.random.default_rng(seed)) for worse in ("noise", "bold"))
    return Pair(noisy.candidate, bold.candidate)


def null_runs(truth: np.ndarray, kind: str, runs: int, races: int, rng: np.random.Generator) -> np.ndarray:
    """Return differences, runs x races, of models neither of which is better; `swapped`: which is which is drawn anew for every race."""
    made = []
    for _ in range(runs // PER_PAIR):
        shape = PER_PAIR, races
        if kind == "swapped":
            apart = differences(truth, make_pair(truth, APART, "noise", rng), shape, rng)
            made.append(apart * rng.choice([-1, 1], size=shape))
        else:
            made.append(differences(truth, equal(truth, kind, rng), shape, rng))
    return np.concatenate(made)


def runs_apart(
    truth: np.ndarray, worse: tuple[str, float], runs: int, races: int, rng: np.random.Generator
) -> np.ndarray:
    """Return differences, runs x races, of a candidate that is better: what is wrong with the champion, and by how many nats."""
    kind, effect = worse
    pairs = (make_pair(truth, -effect, kind, rng) for _ in range(runs // PER_PAIR))
    return np.concatenate([differences(truth, pair, (PER_PAIR, races), rng) for pair in pairs])


def verdicts(found: np.ndarray, chosen: Design) -> np.ndarray:
    """Return per run after how many races the test decided, negative where it said *behind*, 0 where it never did: as `looks` does, all runs at once."""
    scaled = np.clip(found / chosen.bound, -1, 1)
    crossed = log_capital(np.stack([scaled, -scaled])) >= np.log(chosen.threshold)
    never = found.shape[1] + 1
    ahead, behind = (np.where(side.any(axis=1), side.argmax(axis=1) + 1, never) for side in crossed)
    first = np.where(ahead <= behind, ahead, -behind)
    return np.where(np.abs(first) == never, 0, first)


def t_tests(found: np.ndarray) -> np.ndarray:
    """Return which races a two-sided t-test of all races so far would call significant, runs x races."""
    races = np.arange(1, found.shape[1] + 1)
    mean = found.cumsum(axis=1) / races
    spread = np.sqrt(np.maximum((found**2).cumsum(axis=1) / races - mean**2, 1e-30) * races / np.maximum(races - 1, 1))
    limit = stats.t.ppf(0.975, np.maximum(races - 1, 1))
    return np.asarray((np.abs(mean) > limit * spread / np.sqrt(races)) & (races >= FIRST_T))


def false_verdicts(truth: np.ndarray, size: Size, rng: np.random.Generator) -> Iterator[Row]:
    """Yield how often each test calls one of two better that are not."""
    for kind in ("swapped", "alike", "noisy against bold"):
        found = null_runs(truth, kind, size.runs, LENGTHS[-1], rng)
        for races in LENGTHS:
            seen = found[:, :races]
            peeked = t_tests(seen)
            yield {
                "neither is better": kind,
                "races": races,
                "anytime": _share(verdicts(seen, size.design) != 0),
                "t-test after every race": _share(peeked.any(axis=1)),
                "t-test once, at the end": _share(peeked[:, -1]),
            }


def found_at_once(truth: np.ndarray, kind: str, size: Size, seed: int) -> float:
    """Return the effect that one look after 48 races finds with 95 %, by halving; every step draws the same."""
    low, high = 0.1, 4.0
    for _ in range(size.steps):
        middle = float(np.sqrt(low * high))
        found = runs_apart(truth, (kind, middle), size.runs, ONE_LOOK, np.random.default_rng(seed))
        share = np.mean(t_tests(found)[:, -1] & (found.mean(axis=1) > 0))
        low, high = (middle, high) if share < 0.95 else (low, middle)
    return high


def long_runs(truth: np.ndarray, size: Size, seed: int, rng: np.random.Generator) -> Iterator[Row]:
    """Yield how long a verdict takes at effects of a known size, for each thing that may be wrong with the worse one."""
    for kind in KINDS:
        once = found_at_once(truth, kind, size, seed)
        for effect in (*EFFECTS, once):
            found = runs_apart(truth, (kind, effect), size.runs, size.longest, rng)
            after, at_once = verdicts(found, size.design), t_tests(found[:, :ONE_LOOK])[:, -1]
            took = np.where(after > 0, after, size.longest + 1)
            yield {
                "the worse one is": kind,
                "effect, nats": round(effect, 2),
                "effect / spread": round(float(found.mean() / found.std()), 2),
                "one look after 48": _share(at_once),
                "verdict by 24": _share(took <= SEASON),
                "verdict by 48": _share(took <= ONE_LOOK),
                "median races": int(np.median(took)) if np.median(took) <= size.longest else None,
                "wrong": _share(after < 0),
                "once": effect == once,
            }


def waits(truth: np.ndarray, size: Size, rng: np.random.Generator) -> Iterator[Row]:
    """Yield how far what the test says of the races to go is from what it then takes, of runs that are undecided."""
    for effect in EFFECTS:
        found = runs_apart(truth, ("noise", effect), size.runs, size.longest, rng)
        after = verdicts(found, size.design)
        for races in (12, SEASON, ONE_LOOK):
            undecided = (after == 0) | (np.abs(after) > races)
            said = [_to_go(run[:races], size.design) for run in found[undecided]]
            known = np.array([each is not None for each in said], dtype=bool)
            if not known.any():
                continue
            took = np.where(after == 0, size.longest, np.abs(after))[undecided][known] - races
            ratio = took / np.array([each for each in said if each is not None])
            yield {
                "effect, nats": effect,
                "after races": races,
                "a number was said": _share(known),
                "took / said: a quarter below": float(np.quantile(ratio, 0.25)),
                "half below": float(np.median(ratio)),
                "three quarters below": float(np.quantile(ratio, 0.75)),
            }


def _to_go(run: np.ndarray, chosen: Design) -> int | None:
    scaled = np.clip(run / chosen.bound, -1, 1)
    return races_to_go(np.sign(scaled.mean()) * scaled, float(np.log(chosen.threshold)))


def _share(which: np.ndarray) -> Row:
    low, high = wilson(int(which.sum()), len(which))
    return {"value": float(which.mean()), "low": low, "high": high}


def over(false: list[Row], power: list[Row]) -> list[str]:
    """Return what breaks a limit: false verdicts within a season and later, verdicts at the effect that one look finds."""
    said = [
        f"{OVER}: {_percent(row['anytime']['value'])} false verdicts within {row['races']} races ({row['neither is better']})"
        for row in false
        if row["anytime"]["value"] > FALSE
    ]
    return said + [
        f"{OVER}: {_percent(row['verdict by 48']['value'])} verdicts by race 48 at {row['effect, nats']} nats ({row['the worse one is']})"
        for row in power
        if row["once"] and row["the worse one is"] in LIMITED and row["verdict by 48"]["value"] < POWER
    ]


def text(tables: Sequence[list[Row]], size: Size, races: int) -> str:
    """Return both tables with what they stand on."""
    head = f"{size.runs:,} runs a row, of races drawn from {races} of known truth; bound {size.design.bound:g} nats, alpha {size.design.alpha:g}. Shares with 95 % intervals."
    shown = [[{name: _cell(value) for name, value in row.items() if name != "once"} for row in rows] for rows in tables]
    limits = ["Too few runs to hold against the limits."] if size.runs < MANY else over(*tables[:2]) or [WITHIN]
    titles = (
        "**Neither is better.** Share of runs with a verdict:",
        "**One is better.** Share of runs in which it was found:",
        "**Races to go**, said while undecided (*noise*): what it then took, as a multiple of what was said.",
    )
    return "\n\n".join(
        [head, *(f"{title}\n\n{markdown(rows)}" for title, rows in zip(titles, shown, strict=True)), "\n".join(limits)]
    )


def _cell(value: object) -> object:
    if isinstance(value, dict):
        return interval(value, _percent)
    return f"{value:.2f}" if isinstance(value, float) else value


def _percent(share: float) -> str:
    return f"{share:.1%}" if share < 0.1 else percent(share)


def draw(truth: np.ndarray, size: Size, rng: np.random.Generator, path: Path) -> None:
    """Draw the share of runs with a verdict by every race: of two that are equal by both tests, and of two that are not."""
    made = canvas(11, 4.2)
    left, right = made.subplots(1, 2)
    found = null_runs(truth, "swapped", size.runs, 96, rng)
    races = np.arange(1, found.shape[1] + 1)
    peeked = np.logical_or.accumulate(t_tests(found), axis=1).mean(axis=0)
    left.plot(races, peeked, label="t-test after every race")
    left.plot(races, _decided(verdicts(found, size.design), races), label="anytime-valid")
    left.axhline(FALSE, color="grey", linestyle=":")
    left.set(title="neither is better: false verdicts", xlabel="races", ylabel="share of runs")
    for effect in (*EFFECTS, 0.4):
        after = verdicts(runs_apart(truth, ("noise", effect), size.runs, len(races), rng), size.design)
        right.plot(races, _decided(after, races), label=f"{effect:g} nats")
    right.set(title="one is better: verdicts", xlabel="races", ylim=(0, 1))
    for axes in (left, right):
        axes.grid(alpha=0.3)
        axes.legend()
    write_png(made, path)


def _decided(after: np.ndarray, races: np.ndarray) -> np.ndarray:
    return np.asarray([np.mean((after != 0) & (np.abs(after) <= race)) for race in races])


def main() -> None:
    """Draw, judge, tell."""
    parser = options(__doc__, "few runs of small worlds: only to see that it runs")
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--bound", type=float, default=DESIGN.bound, metavar="NATS")
    chosen = parser.parse_args()
    size, seasons, draws = (SMALL, 6, 20) if chosen.small else (Size(chosen.runs), SEASONS, DRAWS)
    size = replace(size, design=replace(DESIGN, bound=chosen.bound))
    truth, _ = true_chances([world(seed, seasons=seasons) for seed in range(chosen.seed, chosen.seed + WORLDS)], draws)
    rng = np.random.default_rng(chosen.seed)
    false = list(false_verdicts(truth, size, rng))
    power = list(long_runs(truth, size, chosen.seed, rng))
    to_go = list(waits(truth, size, rng))
    content = {"false": false, "power": power, "to_go": to_go}
    report("ab", text((false, power, to_go), size, len(truth)), content, chosen)
    if chosen.picture:
        draw(truth, size, rng, chosen.picture)


if __name__ == "__main__":
    main()
