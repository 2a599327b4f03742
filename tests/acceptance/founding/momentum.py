"""A feature of one's own, as the page on the playground prints it, and the features with it."""

from pitwall.features import FeatureEngineer
from pitwall.ml import FeatureStore

fs = FeatureStore()
fe = FeatureEngineer()


@fe.register("momentum_score")
def momentum_score(driver_data):
    """Calculate driver momentum from recent results"""
    recent_positions = driver_data["positions_last_5"]
    weights = [0.35, 0.25, 0.20, 0.12, 0.08]
    score = sum((21 - pos) * weight for pos, weight in zip(recent_positions, weights))  # noqa: B905
    return score / 20


data = fs.get_features(custom_features=["momentum_score"])

assert data["momentum_score"].between(0, 1).sum() > len(data) / 2
assert list(data.columns).count("momentum_score") == 1
