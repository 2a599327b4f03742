# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 3. Features that are the same twice, versions that are told apart
#
# A feature store for features as they were known, one of your own for raw records, a training that goes the whole way in one call, and
# the two registries: of models that gates judge, and of notes that nobody does.
#
# Needs a project with features (`make demo`, or `dvc repro features`).

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import pitwall as pw
from pitwall.domain.project import find_project
from pitwall.domain.tables import load_tables

fs = pw.FeatureStore()
tables = load_tables(find_project().tables)

# %% [markdown]
# ## As it was known then
#
# The same driver at two instants: what has not happened yet, or has happened and nobody could know, is not there. (Exercise 3 of the
# founding notebook.)

# %%
races = tables["races"].sort_values("starts_at")
race = races[races["season"] == races["season"].max() - 1].iloc[4]
driver = int(tables["entries"].query("race_id == @race.race_id")["driver_id"].iloc[0])
name = f"{race['season']}-{race['round']:02d}"
before = fs.get_features_at({"driver": driver}, race=name, feature_groups=["driver_form"])
after = fs.get_features_at({"driver": driver}, race["starts_at"] + pd.Timedelta(days=1), feature_groups=["driver_form"])
assert before.attrs["stamps"]["driver_form"]["event_timestamp"] < race["starts_at"]
assert after["driver_starts"] == before["driver_starts"] + 1
pd.DataFrame({"before the race": before, "the day after": after})

# %% [markdown]
# ## A feature of your own, once for training and serving
#
# The function sees a driver's races so far, and is tried out before it is believed: one that looks ahead is refused, with the rows.

# %%
from pitwall.domain.errors import LeakError


def podium_share(history):
    """Share of the last five races that ended on the podium."""
    return float(np.mean([place <= 3 for place in history["positions_last_5"]]))


fs.register_feature("podium_share", podium_share, "share of the last five races on the podium")
try:
    fs.register_feature(
        "next_place", lambda races: races.groupby("driver_id")["place"].shift(-1), "the next place", vectorised=True
    )
except LeakError as refused:
    print(str(refused).splitlines()[0])
fs.register_feature_set("course", ["grid", "podium_share"])
training = fs.get_training_data("course", seasons=int(race["season"]))
row = training.rows.query("race_id == @race.race_id and driver_id == @driver").index[0]
served = fs.get_features_at({"driver": driver, "race": name}, race=name, feature_groups=["course"])
assert np.array_equal(training.matrix[training.rows.index.get_loc(row)], served.to_numpy(float), equal_nan=True)
served

# %% [markdown]
# ## Raw records, and the whole way in one call
#
# Not everything is a table of the project. Here an entity is a pit stop, its record is what was known when the car came in, and the
# question is whether the stop will be slower than usual. Entities are given in the order of time: the last fifth is scored, the others
# are learned from.

# %%
stops = tables["pit_stops"].merge(tables["races"][["race_id", "season", "round"]], on="race_id")
stops = stops.sort_values(["season", "round", "lap", "driver_id", "stop"]).dropna(subset=["seconds"])
pit = pw.FeatureStore()
pit.register_feature("lap", lambda d: d.get("lap"), "lap on which the car came in")
pit.register_feature("stop", lambda d: d.get("stop"), "number of the stop")
pit.register_feature("team_usual", lambda d: d.get("team_usual"), "median of the team's stops so far, seconds")
pit.register_feature(
    "circuit_usual", lambda d: d.get("circuit_usual"), "median of earlier races at this circuit, seconds"
)
pit.register_feature_set("pit_stop", ["lap", "stop", "team_usual", "circuit_usual"])

stops = stops.merge(tables["entries"][["race_id", "driver_id", "constructor_id"]], on=["race_id", "driver_id"])
stops = stops.merge(tables["races"][["race_id", "circuit_id"]], on="race_id")
earlier = stops.groupby(["constructor_id", "season", "round"])["seconds"].median().groupby(level=0).shift()
stops = stops.join(earlier.rename("team_usual"), on=["constructor_id", "season", "round"])
earlier = stops.groupby(["circuit_id", "season"])["seconds"].median().groupby(level=0).shift()
stops = stops.join(earlier.rename("circuit_usual"), on=["circuit_id", "season"])
usual = stops["seconds"].expanding().median().shift()
stops["slow"] = (stops["seconds"] > usual).astype(int)
stops = stops.tail(1500)

entities = []
for stop in stops.to_dict("records"):
    entity = f"{stop['race_id']}/{stop['driver_id']}/{stop['stop']}"
    pit.compute_and_store(entity, {key: None if pd.isna(value) else value for key, value in stop.items()})
    entities.append(entity)

# %%
registry = pw.ModelRegistry()
pipeline = pw.MLPipeline(pit, pw.ExperimentTracker("course_pit_stops"), registry)
made = [
    pipeline.train_and_register(
        {"model_name": "slow_pit_stop", "lr": rate, "epochs": 60}, entities, "pit_stop", stops["slow"].to_numpy()
    )
    for rate in (0.003, 0.03, 0.3)
]
pd.DataFrame(made).set_index("version")

# %% [markdown]
# ## Two registries
#
# `slow_pit_stop` is a name of your own. Its versions can be moved as you like, and each says `claimed`: nobody but you has measured
# them, nothing forecasts with them. A model of the project (`race_winner`) has versions of another kind: their numbers are computed from
# stored predictions, and only the gates let one answer.

# %%
best = max(made, key=lambda each: each["accuracy"])
registry.promote("slow_pit_stop", best["version"], "production", by="course", note="the best of three")
noted = pd.DataFrame(registry.list_versions("slow_pit_stop")).set_index("version")
print(registry.compare_versions("slow_pit_stop", made[0]["version"], made[-1]["version"])["accuracy"])
print(
    "judged:", registry.get_production_model("race_winner") or "no champion yet; `pitwall run race-weekend` makes one"
)
noted[["stage", "claimed", "registered_at", "run_id"]].tail(3)

# %%
versions = registry.list_versions("slow_pit_stop")[-3:]
fig, ax = plt.subplots(figsize=(6, 3.5))
bars = ax.bar([str(each["version"]) for each in versions], [each["metrics"]["accuracy"] for each in versions])
for bar, each in zip(bars, versions, strict=True):
    ax.text(bar.get_x() + bar.get_width() / 2, bar.get_height(), f"lr={each['params']['lr']}", ha="center", va="bottom")
ax.axhline(
    versions[-1]["metrics"]["baseline_accuracy"], color="black", linestyle="--", label="always the commoner answer"
)
ax.set(xlabel="version", ylabel="accuracy on the last fifth", ylim=(0, 1.15))
ax.legend(loc="lower right")
plt.show()

# %% [markdown]
# The dashed line is the whole point: accuracy means little without it. On real races it lies above the bars: these four columns know nothing
# of a slow stop, and no learning rate helps. In the embedded world the bars are high, which does not mean that much was learned: its pit
# lanes differ in length, and what a stop took at this circuit before says nearly all of it. Leave `circuit_usual` out and look again.
# Models that are to answer for a race go through the pipeline (`pitwall train`, `pitwall promote`), which asks every rule and writes down
# why a version was let in.
