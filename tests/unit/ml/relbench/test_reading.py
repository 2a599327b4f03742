"""What a prediction may read: rows strictly before its cut, whatever lies behind it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pitwall.domain.errors import LeakError, UnknownName
from pitwall.ml.relbench.data import history as reading
from pitwall.ml.relbench.data.dump import load
from pitwall.ml.relbench.data.history import History, Known
from pitwall.ml.relbench.data.splits import read_split
from pitwall.ml.relbench.protocol import FROZEN, OURS, ROLLING, Questions, answers, cut_of, predict
from pitwall.ml.relbench.tasks import CUTOFFS, TASKS

ALL = pd.Timestamp("2100-01-01")


def planted(history: History, since: pd.Timestamp) -> History:
    """Return a history whose rows from an instant on say something else, one of them about a driver whom nobody knows."""
    known = history.before(ALL)
    changed = []
    for rows in (known.results, known.qualifying):
        late = rows["at"] >= since
        assert late.any()
        other = rows.assign(driver=rows["driver"].where(~late, rows["driver"].iloc[::-1].to_numpy()))
        for column in ("order", "unfinished", "place", "gap", "pace"):
            if column in rows:
                other[column] = rows[column].where(~late, 9.0)
        new = rows[late].tail(1).assign(driver=999)
        changed.append(pd.concat([other, new], ignore_index=True))
    return History(*changed)


def said(folder: Path, history: History, name: str, protocol: str, who: str = OURS) -> np.ndarray:
    """Return the answers to the last instant of validation."""
    task = TASKS[name]
    rows = read_split(folder, name, task.target, "val")
    last = rows[rows["date"] == rows["date"].max()]
    return predict(history, Questions(task, "val", protocol, last), answers(task, who))


@pytest.mark.parametrize(("name", "protocol"), [*((name, ROLLING) for name in TASKS), ("driver-position", FROZEN)])
def test_a_planted_later_row_cannot_be_read(tiny: Path, name: str, protocol: str) -> None:
    history = load(tiny / "ergast")
    last = read_split(tiny, name, TASKS[name].target, "val")["date"].max()
    other = planted(history, cut_of(protocol, "val", last))
    assert said(tiny, history, name, protocol).tobytes() == said(tiny, other, name, protocol).tobytes()


@pytest.mark.parametrize("who", ["last value", "entity mean", "plain LightGBM"])
def test_nor_by_the_rules_beside_it(tiny: Path, who: str) -> None:
    history = load(tiny / "ergast")
    last = read_split(tiny, "driver-dnf", "did_not_finish", "val")["date"].max()
    before, after = (said(tiny, each, "driver-dnf", ROLLING, who) for each in (history, planted(history, last)))
    assert before.tobytes() == after.tobytes()


def leaking(rows: pd.DataFrame, instant: pd.Timestamp) -> pd.DataFrame:
    """Cut a month too late."""
    return rows[rows["at"] < instant + pd.Timedelta(days=31)].copy()


def test_a_reader_that_leaks_is_refused(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_cut", leaking)
    with pytest.raises(LeakError, match="must be dated strictly before"):
        load(tiny / "ergast").before(CUTOFFS["val"] + pd.Timedelta(days=80))


def test_a_reader_that_leaks_and_hides_it_changes_its_answers(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the refusal the comparison above would notice: it does not pass by looking at nothing."""
    monkeypatch.setattr(reading, "_cut", leaking)
    monkeypatch.setattr(Known, "__post_init__", lambda _: None)
    history = load(tiny / "ergast")
    last = read_split(tiny, "driver-position", "position", "val")["date"].max()
    before, after = (said(tiny, each, "driver-position", ROLLING) for each in (history, planted(history, last)))
    assert before.tobytes() != after.tobytes()


def test_a_row_of_the_very_instant_is_not_strictly_before(tiny: Path) -> None:
    history = load(tiny / "ergast")
    race = history.before(ALL).results["at"].iloc[-1]
    assert history.before(race).results["at"].max() < race
    assert history.before(race + pd.Timedelta(1)).results["at"].max() == race


def test_the_order_of_the_rows_does_not_matter(tiny: Path) -> None:
    known = load(tiny / "ergast").before(ALL)
    shuffled = History(*(rows.sample(frac=1, random_state=3) for rows in (known.results, known.qualifying)))
    first, second = (said(tiny, each, "driver-top3", ROLLING) for each in (load(tiny / "ergast"), shuffled))
    assert first.tobytes() == second.tobytes()


def test_the_cut_of_a_protocol() -> None:
    seed = pd.Timestamp("2011-05-01")
    assert cut_of(ROLLING, "test", seed) == seed
    assert cut_of(FROZEN, "test", seed) == pd.Timestamp("2010-01-01")
    assert cut_of(FROZEN, "val", seed) == pd.Timestamp("2005-01-01")
    with pytest.raises(UnknownName, match="did you mean 'rolling'"):
        cut_of("roling", "val", seed)
