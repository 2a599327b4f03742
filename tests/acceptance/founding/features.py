"""Features of raw records are registered, computed, stored and served (page on systems, section 5 and exercise 3)."""

import numpy as np

from pitwall import FeatureStore

store = FeatureStore()
store.register_feature("total_purchases", lambda d: d.get("purchases", 0), "Total number of purchases")
store.register_feature(
    "avg_order_value", lambda d: d.get("total_spend", 0) / max(d.get("purchases", 1), 1), "Average order value"
)
store.register_feature("days_since_last", lambda d: d.get("days_since_last", 999), "Days since last activity")
store.register_feature("session_count", lambda d: d.get("sessions", 0), "Number of sessions in last 30 days")
store.register_feature("is_premium", lambda d: 1 if d.get("plan") == "premium" else 0, "Premium user flag")
store.register_feature_set(
    "churn_model", ["total_purchases", "avg_order_value", "days_since_last", "session_count", "is_premium"]
)
np.random.seed(42)
users = []
for i in range(100):
    user_data = {
        "purchases": np.random.randint(0, 50),
        "total_spend": np.random.uniform(0, 5000),
        "days_since_last": np.random.randint(0, 365),
        "sessions": np.random.randint(0, 100),
        "plan": np.random.choice(["free", "premium"], p=[0.7, 0.3]),
    }
    store.compute_and_store(f"user_{i}", user_data)
    users.append(f"user_{i}")

X, feature_names = store.get_training_data(users, "churn_model")
print(len(store.feature_definitions), list(store.feature_sets.keys()), X.shape)
for name in feature_names:
    vals = X[:, feature_names.index(name)]
    print(f"{name:>20}: mean={np.mean(vals):.2f}, std={np.std(vals):.2f}")
serving_features = store.get_features("user_0", "churn_model")
for k, value in serving_features.items():
    print(f"{k}: {value}")

store.compute_and_store("lap_stint", {"sessions": 30}, timestamp="2024-07-28 13:30")
store.compute_and_store("lap_stint", {"sessions": 35}, timestamp="2024-07-28 13:38")
then = store.get_features_at("lap_stint", "2024-07-28 13:35")

assert (X.shape, len(store.feature_definitions), list(store.feature_sets)) == ((100, 5), 5, ["churn_model"])
assert list(serving_features.values()) == X[0].tolist()  # the same at training and at serving
assert then["session_count"] == 30  # not what became true three minutes later
