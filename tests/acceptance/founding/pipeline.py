"""Features, training, tracking and registration in one call (page on systems, section 7); goes on from features.py."""

import matplotlib.pyplot as plt
import numpy as np

from pitwall import ExperimentTracker, MLPipeline, ModelRegistry

pipeline = MLPipeline(store, ExperimentTracker("pipeline"), ModelRegistry())  # noqa: F821  (of features.py)
np.random.seed(42)
labels = (np.random.random(100) > 0.7).astype(int)
configs = [
    {"model_name": "churn_predictor", "lr": 0.01, "epochs": 50},
    {"model_name": "churn_predictor", "lr": 0.005, "epochs": 100},
]
for config in configs:
    result = pipeline.train_and_register(config, users, "churn_model", labels)  # noqa: F821
    print(f"v{result['version']}: lr={config['lr']}, epochs={config['epochs']}, accuracy={result['accuracy']:.4f}")
for v in pipeline.registry.list_versions("churn_predictor"):
    print(f"v{v['version']}: accuracy={v['metrics']['accuracy']:.4f}, stage={v['stage']}")

versions = pipeline.registry.list_versions("churn_predictor")
v_nums = [v["version"] for v in versions]
v_accs = [v["metrics"]["accuracy"] for v in versions]
v_lrs = [v["params"]["lr"] for v in versions]
fig, ax = plt.subplots()
bars = ax.bar(v_nums, v_accs)
for bar, acc, lr in zip(bars, v_accs, v_lrs, strict=True):
    ax.text(bar.get_x() + bar.get_width() / 2, bar.get_height() + 0.005, f"{acc:.3f}\nlr={lr}", ha="center")
plt.close(fig)

run = pipeline.tracker.runs[result["run_id"]]
assert (v_nums, v_lrs, run["name"]) == ([1, 2], [0.01, 0.005], "pipeline_churn_predictor")
assert (run["params"]["n_features"], run["params"]["n_samples"], run["params"]["n_held_out"]) == (5, 100, 20)
assert (len(run["metric_history"]["loss"]), len(run["metric_history"]["accuracy"])) == (100, 100)
assert run["metrics"]["final_accuracy"] == result["accuracy"] == v_accs[-1]
