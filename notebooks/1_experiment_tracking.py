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
# # 1. Track experiments, keep what they made, compare them
#
# Which columns does it take to say who will be on the podium, and how long should such a model learn? Every answer here is a run: with
# its parameters, its curves and its files, so that the table at the end can be believed and looked up again next month.
#
# Needs a project with features (`make demo`, or `dvc repro features`).

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import pitwall as pw
from pitwall.domain.project import find_project
from pitwall.domain.tables import load_tables
from pitwall.ml.templates import templates
from pitwall.tracking import EarlyStopping
from pitwall.workflows.notebook.by_hand.softmax import fit

# %% [markdown]
# ## Rows that lie in time
#
# One row per car and race, with what was known at the start. Earlier seasons are learned from, the next one decides between models, the
# last one is looked at once, at the end. Nothing is shuffled: a model that has seen the race after next looks better than it is.

# %%
fs = pw.FeatureStore()
podium = templates()["podium"].label(load_tables(find_project().tables))
SETS = {"grid": ["grid"], "session": ["grid", "qualifying_gap_pct", "fp_pace_ranking"]}
SETS["form"] = [*SETS["session"], "driver_place_mean", "team_place_mean", "driver_points_share", "team_points_share"]

data = fs.get_features(feature_groups=["session", "driver_form", "team_form"])
data = data.join(podium.rename("podium"), on=["race_id", "driver_id"]).dropna(subset=["podium"])
last = data["season"].max() - 1  # a whole one
parts = {
    "train": data[data["season"] < last - 1],
    "choose": data[data["season"] == last - 1],
    "look once": data[data["season"] == last],
}
pd.Series(
    {
        name: f"{len(part)} rows, seasons {part['season'].min()} to {part['season'].max()}"
        for name, part in parts.items()
    }
)

# %% [markdown]
# ## Six runs
#
# A run holds its parameters, two curves, and its artifacts with hash, size and media type: the weights, the forecasts that it was judged
# by, and a picture. It stops when the loss on the season that chooses has not improved for ten epochs (exercise 1 of the founding
# notebook), and the rule is written into the run as parameters, too.

# %%
tracker = pw.ExperimentTracker("course_podium")


class Enough(Exception):
    """The curve is flat."""


def matrix(part, columns):
    return part[columns].to_numpy(float), part["podium"].astype(int).to_numpy()


def train(name, columns, rate, patience=10, epochs=120):
    X, y = matrix(parts["train"], columns)
    later = matrix(parts["choose"], columns)
    stopping, kept = EarlyStopping(patience, "min"), {}

    def report(epoch, model):
        loss = model.loss(*later)
        tracker.log_metrics({"train_loss": model.loss(X, y), "loss": loss}, step=epoch)
        stop = stopping(loss)
        if stopping.waited == 0:
            kept["weights"] = model.weights.copy()
        if stop:
            raise Enough

    with tracker.run(name, tags={"course": "1"}):
        tracker.log_params(
            {"set": name.split()[0], "features": columns, "lr": rate, "patience": patience, "epochs": epochs}
        )
        try:
            fit(X, y, rate=rate, epochs=epochs, report=report)
        except Enough:
            pass
        tracker.log_metrics({"best_loss": stopping.best, "best_epoch": stopping.best_at})
        tracker.log_artifact("weights", kept)
        tracker.log_artifact("judged_on", parts["choose"][["race_id", "driver_id", "podium"]])
    return tracker


for name, columns in SETS.items():
    for rate in (0.02, 0.2):
        train(f"{name} {rate}", columns, rate)

run = tracker.get_best_run("best_loss", maximize=False)
pd.DataFrame(run["artifacts"]).T[["type", "size", "media_type", "sha256"]]

# %% [markdown]
# ## The dashboard
#
# The rows of a comparison are runs, the columns what was set and what came out. `which` says by which of a curve's values runs are
# compared: its last one, or its best one. A run whose loss ends as not-a-number can win neither.

# %%
mine = [row for row in tracker.compare_runs(["best_loss", "best_epoch", "loss"]) if row["status"] == "completed"]
table = pd.DataFrame(mine).set_index("run_id")[["name", "lr", "best_loss", "best_epoch", "loss"]]
print("by the last value:", tracker.get_best_run("loss", maximize=False)["name"])
print("by the best value:", tracker.get_best_run("loss", maximize=False, which="best")["name"])
table.sort_values("best_loss")

# %%
fig, (curves, scatter) = plt.subplots(1, 2, figsize=(13, 4.5))
runs = list(tracker.runs.values())[-6:]
for run, colour in zip(runs, plt.cm.viridis(np.linspace(0.1, 0.9, len(runs))), strict=True):
    steps, losses = zip(*run["metric_history"]["loss"], strict=True)
    curves.plot(steps, losses, color=colour, label=run["name"])
curves.set(xlabel="epoch", ylabel="log loss on the season that chooses", title="Curves of all runs")
curves.legend(fontsize=8)
size = [len(run["params"]["features"]) for run in runs]
best = [run["metrics"]["best_loss"] for run in runs]
points = scatter.scatter(size, best, c=[run["params"]["lr"] for run in runs], cmap="coolwarm", s=90, edgecolors="black")
fig.colorbar(points, ax=scatter, label="learning rate")
scatter.set(xlabel="columns", ylabel="best log loss", title="What more columns bring")
plt.show()

# %% [markdown]
# ## What the choice is worth
#
# The chosen run is read back from the store, its weights from its artifact, and asked about the season that nobody has looked at. A
# number is worth something beside a rule that costs nothing, so the rule stands beside it: the share of podiums of each slot of the grid
# in earlier seasons.

# %%
chosen = tracker.get_best_run("best_loss", maximize=False)
columns = chosen["params"]["features"]
X, y = matrix(parts["train"], columns)
again = fit(X, y, rate=chosen["params"]["lr"], epochs=int(chosen["metrics"]["best_epoch"]) + 1, report=lambda *_: None)
share = parts["train"].groupby("grid")["podium"].mean().astype(float)
p = parts["look once"]["grid"].map(share).fillna(float(parts["train"]["podium"].mean())).clip(0.005, 0.995)
true = parts["look once"]["podium"].astype(bool)
by_slot = -np.log(np.where(true, p, 1 - p)).mean()
ours = again.loss(*matrix(parts["look once"], columns))
print(f"{chosen['name']}: log loss {ours:.4f} in {last}; by the slot on the grid alone {by_slot:.4f}")
assert ours < by_slot, "the grid alone is as good: the columns are worth nothing"

# %% [markdown]
# From here: the pipeline's own trainings keep all of this by themselves, with code, data and environment beside it (`pitwall exp show`,
# `pitwall exp diff`), and compare themselves with every rule, with intervals (`pitwall backtest`).
