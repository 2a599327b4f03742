"""The contract of a feature group, as one check that every plug-in passes.

What cannot be seen in a group's code is tried: its inputs are shuffled, its future is taken away, and an absurd future is
added. The past must not move.
"""

from __future__ import annotations

import re
import shutil
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from pitwall.domain.errors import FeatureError, LeakError
from pitwall.domain.params import Params
from pitwall.domain.project import Project
from pitwall.domain.tables import Tables
from pitwall.domain.when import CUTOFF_COLUMN, Stage
from pitwall.features.machinery.build import build_group, check_names, same_values
from pitwall.features.machinery.child import in_child
from pitwall.features.machinery.group import FeatureGroup
from pitwall.features.machinery.replay import replay_check, replay_instants, usable
from pitwall.features.machinery.sealed import forget, held_tables, no_files
from pitwall.ml.audit.canary import with_absurd_race
from pitwall.ml.audit.stage import usable_before

ORDER = list(Stage)


def check_feature_group(group: FeatureGroup, tables: Tables, params: Params | None = None, races: int = 2) -> None:
    """Check a feature group against its contract on some canonical tables.

    Args:
        group: the plug-in.
        tables: canonical tables with all versions, e.g. `tiny_tables()`.
        params: the project's parameters; the defaults when None.
        races: how many races the replay check looks at.

    Raises:
        FeatureError: a description is missing, the table is wrong, or the computation is impure.
        LeakError: the past depends on the future, or a session is known before it happened.
    """
    params = params or Params()
    check_names([group])
    check_descriptions(group)
    check_purity(group, tables, params)
    check_sealed(group, tables, params)
    check_stages(group, tables, params)
    check_future(group, tables, params)
    violations = replay_check(group, tables, params, replay_instants(tables, params, races))
    if violations:
        raise LeakError("\n".join(str(violation) for violation in violations))
    check_grid(group, tables, params)


def check_grid(group: FeatureGroup, tables: Tables, params: Params) -> None:
    """Raise FeatureError unless a group that reads the grid of its own race says what follows from one: these columns, and no others.

    The grid of the last race that has one is turned around; what the group then computes is held against its `of_grid`.
    """
    if "grid" not in group.reads or "race" not in group.entities or tables["grid"].empty:
        return
    if group.of_grid is None:
        raise FeatureError(
            f"group {group.name} reads the grid of its own race and has no `of_grid`: no server could answer what if the grid were another "
            "one. Let `compute` call a function that makes its columns of a grid, and name it."
        )
    race = tables["grid"]["race_id"].iloc[-1]
    own = tables["grid"]["race_id"] == race
    turned = tables["grid"].copy()
    turned.loc[own, "grid"] = tables["grid"].loc[own, "grid"].to_numpy()[::-1]
    turned.loc[own, "pit_lane"] = ~tables["grid"].loc[own, "pit_lane"].astype("bool")
    before, after = (
        _newest(group, each, params, race)
        for each in (tables, tables.replace(grid=turned.astype(tables["grid"].dtypes)))
    )
    cars = turned[own].merge(
        tables["qualifying"][["race_id", "driver_id", "place"]], on=["race_id", "driver_id"], how="left"
    )
    cars = cars.set_index("driver_id").loc[after["driver_id"]]
    told = pd.DataFrame({name: np.asarray(values, "float64") for name, values in group.of_grid(cars).items()})
    moved = [name for name in group.names if not same_values(before[[name]], after[[name]]).all(axis=None)]
    wrong = [name for name in told if not same_values(told[[name]], after[[name]]).all(axis=None)]
    if beyond := sorted({*wrong, *(set(moved) - set(told))}):
        raise FeatureError(
            f"group {group.name}: its `of_grid` does not say of {', '.join(beyond)} what `compute` makes of the same grid; let both call one function."
        )


def _newest(group: FeatureGroup, tables: Tables, params: Params, race: int) -> pd.DataFrame:
    """Return a race's last row of each car, by driver."""
    rows = build_group(group, tables, params)
    newest = (
        rows[rows["race_id"] == race]
        .sort_values("event_timestamp", kind="stable")
        .drop_duplicates(group.keys, keep="last")
    )
    return newest.sort_values("driver_id", ignore_index=True)


def check_descriptions(group: FeatureGroup) -> None:
    """Raise FeatureError unless each feature says its unit, its meaning and what a null means."""
    for feature in group.features:
        for part in ("unit", "meaning", "null"):
            if not getattr(feature, part).strip():
                raise FeatureError(
                    f"feature {feature.name} of group {group.name} does not say its {part}; write it down."
                )
        if not re.fullmatch(r"[a-z][a-z0-9_]*", feature.name):
            raise FeatureError(f"feature {feature.name!r} of group {group.name}: expected a name in snake_case.")
    if not group.features or not group.sets:
        raise FeatureError(f"group {group.name} has no features or belongs to no feature set; name at least one.")


def check_purity(group: FeatureGroup, tables: Tables, params: Params) -> None:
    """Raise FeatureError if a second run, or shuffled inputs, give other rows, or if the group edits its inputs."""
    copies = {name: frame.copy() for name, frame in tables.items()}
    first = build_group(group, tables, params)
    for name, frame in tables.items():
        if not frame.equals(copies[name]):
            raise FeatureError(f"group {group.name} edits the table {name}; work on a copy.")
    shuffled = Tables({name: frame.sample(frac=1.0, random_state=1) for name, frame in tables.items()})
    for what, again in (("a second run gives", tables), ("shuffled inputs give", shuffled)):
        if not first.equals(build_group(group, again, params)):
            raise FeatureError(f"group {group.name} is not deterministic: {what} other rows.")


def check_sealed(group: FeatureGroup, tables: Tables, params: Params) -> None:
    """Raise FeatureError if a group opens a file or keeps a table: it is a function of the tables that it is given."""
    for kind, name in held_tables(group.compute):
        raise FeatureError(
            f"group {group.name} reads the {kind} {name} from outside; read the tables that it is given."
        )
    first = build_group(group, tables, params)
    again = in_child(partial(_built_sealed, group, tables, params), f"group {group.name}")
    if not first.equals(again):
        raise FeatureError(
            f"group {group.name} gives other rows when no file may be opened; it reads one and hides it."
        )


def _built_sealed(group: FeatureGroup, tables: Tables, params: Params) -> pd.DataFrame:
    """Build a group while no file may be opened; only for a process of its own."""
    forget(group.compute)
    try:
        with no_files():
            return build_group(group, tables, params)
    except Exception as error:
        raise FeatureError(
            f"group {group.name} fails when no file may be opened: {error}. Read the tables that it is given, and nothing else."
        ) from error


def check_stages(group: FeatureGroup, tables: Tables, params: Params) -> None:
    """Raise LeakError unless each feature of a race's own row stays null before the stage that it names (`since`).

    A feature that names none claims to stand before the weekend; one that never does has only forgotten to say when.
    """
    if "race" not in group.entities:
        _check_states(group)
        return
    first = _first_stages(group, tables, params)
    for feature in group.features:
        stage = first.get(feature.name, feature.since)
        forgot = feature.since == ORDER[0] != stage
        if forgot or ORDER.index(stage) < ORDER.index(feature.since):
            raise LeakError(
                f"feature {feature.name} of group {group.name} says since={feature.since}, but its first values stand at "
                f"{stage}; correct the one that is wrong."
            )


def _first_stages(group: FeatureGroup, tables: Tables, params: Params) -> dict[str, Stage]:
    """Return for each feature that has a value the first stage at which a race's own row holds one."""
    rows = build_group(group, tables, params)
    first = {name: Stage.IN_RACE for name in group.names if rows[name].notna().any()}
    for stage in reversed(CUTOFF_COLUMN):
        early = usable_before(rows, tables, stage)
        first |= {name: stage for name in group.names if rows.loc[early, name].notna().any()}
    return first


def _check_states(group: FeatureGroup) -> None:
    """Raise FeatureError if a feature that belongs to no race names a stage of one."""
    for feature in group.features:
        if feature.since != Stage.PRE_WEEKEND:
            raise FeatureError(
                f"feature {feature.name} of group {group.name} is a state (its keys are {group.keys}) and stands at every "
                f"stage; leave out since={feature.since}, or key the group by race."
            )


def check_future(group: FeatureGroup, tables: Tables, params: Params) -> None:
    """Raise LeakError if an absurd race, ten years later, changes what was known before it."""
    now = max(frame["known_at"].max() for frame in tables.values() if len(frame)) + pd.Timedelta(days=1)
    before = usable(group, build_group(group, tables, params), now).reset_index(drop=True)
    after = usable(group, build_group(group, with_absurd_race(tables), params), now).reset_index(drop=True)
    keys = [*group.keys, "event_timestamp", "known_at"]
    unmoved = before[keys].equals(after[keys]) and same_values(before[group.names], after[group.names]).all(axis=None)
    if not unmoved:
        raise LeakError(f"group {group.name}: rows of the past change when an absurd race, ten years later, is added.")


def copy_feature_repo(project: Project, source: Project) -> Path:
    """Give a test project the feature repository's configuration; return its folder."""
    project.feature_repo.mkdir(parents=True, exist_ok=True)
    for name in ("feature_store.yaml", "definitions.py"):
        shutil.copy(source.feature_repo / name, project.feature_repo / name)
    return project.feature_repo
