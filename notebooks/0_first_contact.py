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
# # First contact
#
# Who wins on Sunday? Ten lines from the import to a model with its pictures and the verdict of every gate. Needs a project with features
# (`make demo`, or `dvc repro features`).

# %%
import pitwall as pw
from pitwall.ml import FeatureStore, ModelBuilder

data = FeatureStore().get_features(feature_groups=["order"])
newest = data["season"].max()
builder = ModelBuilder(task="classification", target="race_winner")
model = builder.train(data[data["season"] < newest], algorithm="conditional_logit")
results = model.evaluate(data[data["season"] == newest])
pictures = [results.plot_confusion_matrix(), results.plot_feature_importance(), results.plot_calibration()]
verdict = model.refit(data).deploy(name="my_winner")
print(results.summary(), verdict, sep="\n\n")

# %% [markdown]
# The first sentence says whether the model can be trusted: what it gained on the rule to beat, over how many races that it had not seen,
# and in which seasons. Under it stands every metric with its interval, beside the rules. What the model learned from cannot be asked for:
# it would be no forecast.

# %%
from pitwall.domain.errors import UsageError

try:
    model.evaluate(data[data["season"] == newest - 1])
except UsageError as refused:
    print(refused)

# %%
results.plot_by_race()

# %% [markdown]
# ## The next race
#
# And why: what each feature adds for the favourite, beside the average car of the race.

# %%
race = model.predict()
print(race.attrs["name"], race.attrs["cutoff"])
race[["driver", "team", "P(win)"]].head(5)

# %%
favourite = model.explain(data[(data["season"] == newest - 1) & (data["grid"] == 1)].iloc[-1])
print(favourite)
favourite.plot()

# %% [markdown]
# ## Against another algorithm
#
# The paired difference on the races that both were judged on, with its interval, and the smallest difference that these races could have
# shown. Nobody is better by a number alone.

# %%
other = builder.train(data[data["season"] < newest], algorithm="xgboost", auto_tune=5)
print(model.compare(other))

# %% [markdown]
# ## Who answers now
#
# The version above stands in the registry under its name, with card and lineage; `pitwall forecast --template my_winner`,
# `pitwall lineage my_winner-pre_race@champion` and `pitwall reproduce` know it.

# %%
pw.ModelRegistry().list_versions("my_winner")
