"""What each question was to reach on real races: the number, what simpler answers and a prototype had, and what was tried where it is missed.

Figures are those of `docs/templates.md` and its sources; none of them is used by the product.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """A number that a question was to reach at a stage.

    Attributes:
        template: the question.
        stage: of its forecasts.
        metric: that is meant.
        value: to be reached.
        source: what it was set from, in words.
        prototype: what a first prototype had; None where none was made.
        naive: what the simple rule had that it was set beside; None where no such figure was told.
        rows: the number is a mean over all rows alike; else over races.
    """

    template: str
    stage: str
    metric: str
    value: float
    source: str
    prototype: float | None = None
    naive: float | None = None
    rows: bool = False


OF_WINNER = (
    "log loss 1.19 and 57.4 % of the prototype, 1.46 to 1.50 and 52.6 % of the starting slot, 67.5 % with hindsight"
)
OF_WINNER_BEFORE = "log loss 1.42 and 53.6 % of the prototype, 46.4 % of the leader of the championship"
OF_PODIUM = "overlap .699 and Brier .0651 of the prototype, .695 of the first three slots, .783 with hindsight"
OF_POINTS = "overlap .789 and Brier .154 of the prototype, .763 of the grid, .847 with hindsight"
OF_DNF = "AUC .602 and Brier skill +1.4 % of the prototype, AUC .591 of the rate by team, about .61 with hindsight"
OF_SAFETY_CAR = "macro F1 .55 and AUC .57 of the prototype, whose Brier skill was negative; macro F1 .35 of always yes"
OF_LAP_TIME = (
    "MAE .341 of the prototype over the laps of the last seasons, .400 of the last lap, about .28 to .31 of noise"
)
OF_TYRES = "MAE .033 of the prototype, .042 of the compound's median, about .011 of noise between stints"
OF_PIT_STOP = (
    "MAE .558 of the prototype and .596 of the median of those stops so far that were found to be ordinary after the race; .353 with "
    "the team's median of the race, the stop itself among its stops"
)
OF_QUALIFYING = (
    "Spearman .813, 63.6 % within two places and 44.5 % of poles of the prototype; .761 and 36 % of the best practice lap; "
    "Spearman .859 of the order after the first part of qualifying"
)
OF_FASTEST_LAP = "28 % and 59 % of the prototype, 24.6 % and 56 % of pole, 28 % and 67 % of the fastest true pace"
OF_PIT_WINDOW = "macro F1 .448 of the prototype, .395 of the naive rule, .669 with hindsight"
OF_RAIN_IMPACT = "macro F1 .45 of the prototype without a forecast, .313 of always low; no forecast is in these data"
OF_GAP = "MAE .753 of the prototype over laps, 1.51 of the gap as it is"
OF_GAP_IN_5 = "MAE 5.4 of the prototype over laps, 8.6 of the gap as it is"
OF_GAP_FINISH = "MAE 21.4 of the prototype, 20.6 of the median by predicted rank, 18.1 where the place is known"
OF_PIT = "F1 .385 and AUC .805 of the prototype, F1 .222 of a rule by the tyres' age"

TARGETS = (
    Target("race_winner", "pre_race", "log_loss", 1.10, OF_WINNER, 1.19, 1.46),
    Target("race_winner", "pre_race", "hit_rate", 0.62, OF_WINNER, 0.574, 0.526),
    Target("race_winner", "pre_weekend", "log_loss", 1.35, OF_WINNER_BEFORE, 1.42),
    Target("race_winner", "pre_weekend", "hit_rate", 0.57, OF_WINNER_BEFORE, 0.536, 0.464),
    Target("podium", "pre_race", "overlap", 0.73, OF_PODIUM, 0.699, 0.695),
    Target("podium", "pre_race", "brier", 0.060, OF_PODIUM, 0.0651),
    Target("points", "pre_race", "overlap", 0.82, OF_POINTS, 0.789, 0.763),
    Target("points", "pre_race", "brier", 0.145, OF_POINTS, 0.154),
    Target("qualifying", "pre_qualifying", "spearman", 0.85, OF_QUALIFYING, 0.813, 0.761),
    Target("qualifying", "pre_qualifying", "within_2", 0.70, OF_QUALIFYING, 0.636),
    Target("qualifying", "pre_qualifying", "pole_hit", 0.47, OF_QUALIFYING, 0.445, 0.36),
    Target("fastest_lap", "pre_race", "hit_rate", 0.30, OF_FASTEST_LAP, 0.28, 0.246),
    Target("fastest_lap", "pre_race", "top3_hit", 0.64, OF_FASTEST_LAP, 0.59, 0.56),
    Target("lap_time", "in_race", "mae", 0.30, OF_LAP_TIME, 0.341, 0.400, rows=True),
    Target("pit_stop", "in_race", "mae", 0.45, OF_PIT_STOP, 0.558, 0.596, rows=True),
    Target("gap", "in_race", "mae", 0.60, OF_GAP, 0.753, 1.51, rows=True),
    Target("gap_in_5", "in_race", "mae", 4.0, OF_GAP_IN_5, 5.4, 8.6, rows=True),
    Target("gap_finish", "pre_race", "mae", 18.5, OF_GAP_FINISH, 21.4, 20.6, rows=True),
    Target("tyre_degradation", "pre_race", "mae", 0.022, OF_TYRES, 0.033, 0.042, rows=True),
    Target("pit_window", "pre_race", "macro_f1", 0.56, OF_PIT_WINDOW, 0.448, 0.395),
    Target("pit_within", "in_race", "f1_optimal", 0.50, OF_PIT, 0.385, 0.222),
    Target("safety_car", "pre_race", "macro_f1", 0.60, OF_SAFETY_CAR, 0.55, 0.35),
    Target("safety_car", "pre_race", "auc", 0.62, OF_SAFETY_CAR, 0.57, 0.50),
    Target("safety_car", "pre_race", "brier_skill", 0.03, OF_SAFETY_CAR, None, 0.0),
    Target("dnf", "pre_race", "auc", 0.62, OF_DNF, 0.602, 0.591),
    Target("dnf", "pre_race", "brier_skill", 0.02, OF_DNF, 0.014),
    Target("rain_impact", "pre_race", "macro_f1", 0.50, OF_RAIN_IMPACT, 0.45, 0.313),
)
# Where the pages tell what was tried for a target that is missed.
TRIED = {
    "race_winner": "forecast-skill.md",
    "podium": "forecast-skill.md",
    "points": "forecast-skill.md",
    "qualifying": "families.md#orders-beside-the-finish",
    "fastest_lap": "families.md#orders-beside-the-finish",
    "lap_time": "families.md#what-skill-there-is",
    "pit_stop": "families.md#pit-stops",
    "gap": "families.md#gaps-to-the-leader-and-stops-to-come",
    "gap_in_5": "families.md#gaps-to-the-leader-and-stops-to-come",
    "gap_finish": "families.md#gaps-to-the-leader-and-stops-to-come",
    "pit_within": "families.md#gaps-to-the-leader-and-stops-to-come",
    "tyre_degradation": "families.md#how-fast-tyres-wear",
    "pit_window": "families.md#classes-first-stops-and-rain",
    "rain_impact": "families.md#classes-first-stops-and-rain",
    "safety_car": "families.md#what-skill-there-is",
    "dnf": "families.md#what-skill-there-is",
}


def targets(template: str, stage: str) -> list[Target]:
    """Return what a question was to reach at a stage."""
    return [each for each in TARGETS if (each.template, each.stage) == (template, stage)]
