"""A market's odds beside our forecasts: a reference row of role `market`, never a feature and never a candidate.

A quote counts for a stage if it was given by the stage's cut-off, and of several of a car the newest one counts: what the market says
after qualifying is no peer of what we say before it. The bookmaker's margin is taken out by a power: the chances `(1 / odds) ** k`
that come to the number of cars the event comes true for. It takes more from outsiders than from favourites, as margins do
(S. Clarke, S. Kovalchik and M. Ingram, "Adjusting bookmaker's odds to allow for overround", American Journal of Sports Science, 2017).
Races in which a car of ours has no quote by then are left out, whoever won; the pair is compared on the others alone.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from pitwall.domain.errors import PitwallError, SourceError
from pitwall.domain.tables import Tables
from pitwall.domain.when import Stage, cutoffs
from pitwall.ml.data.among import of_race
from pitwall.ml.data.calendar import find_race
from pitwall.ml.data.entity_names import entity
from pitwall.ml.families.predictions import WHO
from pitwall.ml.templates import Template, template

NAME = ROLE = "market"
COLUMNS = ("season", "round", "driver", "odds", "as_of")
QUESTION = "template"  # an optional column; without it the odds are those of the winner
DEFAULT = "race_winner"
READS = ("races", "results", "entries", "drivers", "constructors", "circuits")
CHANCE = "market_chance"
POWERS = (0.01, 100.0)
SHOWN = 3


@dataclass(frozen=True)
class Market:
    """Quotes that were read.

    Attributes:
        quotes: race_id, driver_id, template, odds, as_of.
        set_aside: {line, reason} of lines that cannot be used.
        file: name and MD5 of what was read.
    """

    quotes: pd.DataFrame
    set_aside: tuple[dict[str, Any], ...] = ()
    file: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Priced:
    """What a market says about one question at one stage: a predictions table with its chance, and the races left out with the reason."""

    said: pd.DataFrame
    left_out: dict[str, str]


def read_market(path: Path, tables: Tables) -> Market:
    """Read a file of decimal odds: season, round, driver, odds, as_of, and `template` where it is not the winner's.

    Args:
        path: a CSV file; times in UTC unless they say otherwise, drivers by reference, code or name. Columns may be written in full, as
            `decimal odds` and `as-of time`.
        tables: those of `READS`.

    Raises:
        SourceError: it cannot be read, lacks a column, or has no line that can be used.
    """
    try:
        content = path.read_bytes()
        head, *rest = content.decode("utf-8-sig").splitlines() or [""]
        lines = list(csv.DictReader(rest, [_column(name) for name in head.split(",")], restval=""))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SourceError(f"{path} cannot be read as a CSV file in UTF-8: {error}.") from error
    if missing := [name for name in COLUMNS if name not in (lines[0] if lines else {})]:
        raise SourceError(
            f"{path} has no column {', '.join(missing)}; odds are given as {','.join(COLUMNS)} with a line per car and quote, "
            f"e.g. 2024,1,VER,1.40,2024-03-02T14:00:00Z; a column {QUESTION} may name another question than {DEFAULT}."
        )
    reader, quotes, set_aside = _Reader(tables), [], []
    for number, line in enumerate(lines, start=2):
        try:
            quotes.append({**reader.quote(line), "line": number})
        except (PitwallError, ValueError) as error:
            set_aside.append({"line": number, "reason": str(error)})
    read = pd.DataFrame(quotes, columns=["race_id", "driver_id", QUESTION, "odds", "as_of", "line"])
    twice = read.duplicated(["race_id", "driver_id", QUESTION, "as_of"], keep=False)
    set_aside += [
        {"line": int(number), "reason": "another line quotes this car at this instant"}
        for number in read.loc[twice, "line"]
    ]
    read = read[~twice].drop(columns="line").reset_index(drop=True)
    if read.empty:
        told = "; ".join(f"line {each['line']}: {each['reason']}" for each in set_aside[:SHOWN])
        raise SourceError(f"{path} has no line that can be used. {told or 'It is empty.'}")
    file = {"name": path.name, "md5": hashlib.md5(content, usedforsecurity=False).hexdigest()}
    return Market(read, tuple(sorted(set_aside, key=lambda each: each["line"])), file)


def _column(name: str) -> str:
    """Return what a column is called here."""
    plain = name.strip().strip('"').lower().replace(" ", "_").replace("-", "_")
    return {"decimal_odds": "odds", "as_of_time": "as_of"}.get(plain, plain)


class _Reader:
    """Makes quotes of lines; whom a name means is looked up once per race."""

    def __init__(self, tables: Tables) -> None:
        newest = tables.as_of()
        self._race = cache(lambda season, number: find_race(newest, f"{season}-{number:02d}", "pre_race"))
        self._among = cache(lambda *race: of_race(newest, self._race(*race)))
        self._driver = cache(lambda name, *race: entity(newest, "driver", name, self._among(*race))[0])
        self._question = cache(template)

    def quote(self, line: dict[str, str]) -> dict[str, Any]:
        numbers = int(line["season"]), int(line["round"])
        race, driver = self._race(*numbers), self._driver(line["driver"], *numbers)
        odds = float(line["odds"])
        if not 1.0 < odds < np.inf:
            raise ValueError(f"decimal odds are greater than 1; found {line['odds']}")
        as_of = pd.Timestamp(line["as_of"])
        if as_of is pd.NaT:
            raise ValueError("no as_of: the instant at which the odds were quoted")
        as_of = as_of.tz_localize("UTC") if as_of.tzinfo is None else as_of.tz_convert("UTC")
        asked = self._question((line.get(QUESTION) or DEFAULT).strip())
        if asked.cars is None:
            raise ValueError(f"{asked.name} does not come true for a known number of cars of a race")
        return {"race_id": race.race_id, "driver_id": driver, QUESTION: asked.name, "odds": odds, "as_of": as_of}


def without_margin(odds: np.ndarray, cars: int) -> np.ndarray:
    """Return chances that come to `cars`, from decimal odds, shape (cars that are quoted,).

    Example:
        >>> without_margin(np.array([1.6, 4.0, 8.0]), 1).round(3).tolist()
        [0.625, 0.25, 0.125]
    """
    implied = 1.0 / odds
    power = brentq(lambda k: float((implied**k).sum()) - cars, *POWERS)
    return np.asarray(implied**power)


def priced(market: Market, question: Template, tables: Tables, stage: str, own: pd.DataFrame) -> Priced | None:
    """Return what the market says of the cars and races of a predictions table; None of a question that it does not quote.

    Args:
        market: quotes.
        question: one whose events come true for a known number of cars.
        tables: `races` among them.
        stage: by whose cut-off a quote must have been given.
        own: a predictions table of one estimator; its cars are those that must be quoted.
    """
    quotes = market.quotes[market.quotes[QUESTION] == question.name]
    if quotes.empty:
        return None
    races = tables.only("races").as_of()["races"].set_index("race_id")
    cutoff = cutoffs(races, Stage(stage))
    known = quotes[quotes["as_of"] <= quotes["race_id"].map(cutoff)]
    newest = known.sort_values("as_of").groupby(["race_id", "driver_id"], sort=True)["odds"].last()
    said, left_out = [], {}
    for _, cars in own[own["race_id"].isin(quotes["race_id"])].groupby("race_id", sort=True):
        odds = newest.reindex(pd.MultiIndex.from_frame(cars[["race_id", "driver_id"]])).to_numpy()
        label = f"{cars['season'].iloc[0]}-{cars['round'].iloc[0]:02d}"
        assert question.cars is not None
        true = question.cars(int(cars["season"].iloc[0]))
        if np.isnan(odds).any():
            left_out[label] = f"{int(np.isnan(odds).sum())} of {len(odds)} cars have no quote by the cut-off of {stage}"
        elif len(odds) <= true:
            left_out[label] = f"{len(odds)} cars, and {question.name} comes true for {true}"
        else:
            said.append(cars.assign(**{WHO: NAME, "role": ROLE, CHANCE: without_margin(odds, true)}))
    return Priced(pd.concat(said, ignore_index=True) if said else own.iloc[:0].assign(**{CHANCE: []}), left_out)


def answered(question: Template) -> Template:
    """Return the question as a market answers it: with one chance per car and no order behind it."""
    return replace(question, answer=lambda predictions: predictions[CHANCE])


def notes(question: Template, found: Priced) -> list[str]:
    """Return what a reader must know of the market's row for a question."""
    told = [
        f"market: the newest odds by the cut-off, margin taken out by a power; {found.said['race_id'].nunique()} races of {question.name} are quoted in full."
    ]
    if found.left_out:
        told.append(
            f"market: left out of {question.name}: {_first([f'{race} ({why})' for race, why in found.left_out.items()])}"
        )
    return told


def set_aside_note(market: Market) -> list[str]:
    """Return what was not read, if there is anything."""
    lines = [f"line {each['line']}: {each['reason']}" for each in market.set_aside]
    return (
        [f"market: {len(lines)} lines of {market.file.get('name', 'the file')} are set aside: {_first(lines)}"]
        if lines
        else []
    )


def _first(texts: Sequence[str]) -> str:
    more = f"; and {len(texts) - SHOWN} more" if len(texts) > SHOWN else ""
    return "; ".join(texts[:SHOWN]) + more
