"""A search within a budget, as the page on the playground asks for it; its hour is five seconds here."""

from pitwall.ml import AutoMLTrainer, FeatureStore

data = FeatureStore().get_features(feature_groups=["driver_form", "session"])
trainer = AutoMLTrainer(task="classification", time_budget=5, metric="accuracy", ensemble=True)
best_model = trainer.train(data)
print(f"Best model: {best_model.algorithm}")
print(f"Accuracy: {best_model.score}")

assert best_model.algorithm
assert 0 <= best_model.score <= 1
