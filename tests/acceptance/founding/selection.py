"""Features of some seasons by groups, as the page on the playground asks for them."""

from pitwall.ml import FeatureStore

fs = FeatureStore()
data = fs.get_features(seasons=[2022, 2023], feature_groups=["driver", "team", "session"])

assert set(data["season"]) == {2022, 2023}
assert {"race_id", "driver_id", "grid"} <= set(data.columns)
