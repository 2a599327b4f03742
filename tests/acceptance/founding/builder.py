"""A model trained, judged and put before the gates, as the page on the playground does it."""

import pitwall as pw
from pitwall.domain.errors import PromotionRefused
from pitwall.ml import FeatureStore, ModelBuilder

# Load data
fs = FeatureStore()
data = fs.get_features(seasons=[2021, 2022, 2023], feature_groups=["driver", "team", "session"])
test_data = fs.get_features(seasons=[2024], feature_groups=["driver", "team", "session"])

# Build model
builder = ModelBuilder(task="classification", target="race_winner")

# Train
model = builder.train(data, algorithm="xgboost", auto_tune=True)

# Evaluate
results = model.evaluate(test_data)
confusion = results.plot_confusion_matrix()
importance = results.plot_feature_importance()

# Deploy: through the gates, which have something to say about seasons of four races
try:
    model.deploy(name="race_winner_v1")
    refused = None
except PromotionRefused as error:
    refused = error

# Connect to live data: nothing is read before somebody loops over it
stream = model.connect_to_stream(source="openf1", update_frequency="per_lap")

assert pw.ModelBuilder is ModelBuilder
assert confusion.axes
assert importance.axes
assert "freshness" in {each.gate for each in refused.verdicts if not each.passed}
assert stream.wish.models == ("in_race",)
assert callable(model.predict_championship)
