"""The lab's page on what a program asks of runs that are there; goes on after the quick start and the sweep."""

import json
from pathlib import Path

import torch

from pitwall.tracking import ExperimentTracker


class Slope(torch.nn.Module):
    def __init__(self, rate):
        super().__init__()
        self.rate = torch.nn.Parameter(torch.tensor(rate, dtype=torch.float64))


tracker = ExperimentTracker()

best_run = tracker.get_best_run(metric="test_auc", experiment_name="lap_model_sweep", mode="max")
print(f"Best run: {best_run['run_id']}")
print(f"Best AUC: {best_run['metrics']['test_auc'][-1]['value']:.4f}")
worst = tracker.get_best_run(metric="test_auc", experiment_name="lap_model_sweep", mode="min")
assert worst["metrics"]["test_auc"][-1]["value"] < best_run["metrics"]["test_auc"][-1]["value"]

# a model: the lab loads a pickle of PyTorch here; ours is data, held against its hash when it is read
tracker.log_model(best_run["run_id"], Slope(rate=best_run["params"]["learning_rate"]))
model = best_run.load_model(into=Slope(rate=0.0))
assert model.rate.item() == best_run["params"]["learning_rate"]
trained = tracker.get_best_run("test_auc", experiment_name="lap_model")
model_path = f"{trained['run_dir']}/artifacts/model_best.json"
assert json.loads(Path(model_path).read_text(encoding="utf-8")) == {"weights": [0.5]}

runs = tracker.list_runs("lap_model_sweep")
run_ids = [r["run_id"] for r in runs]
comparison_df = tracker.compare_runs(run_ids).frame()  # the lab gets a frame at once; a list needs no pandas
comparison_df = comparison_df.sort_values("test_auc", ascending=False)
top_3 = comparison_df.head(3)
print(top_3[["run_id", "learning_rate", "test_auc"]])
assert top_3["run_id"].iloc[0] == best_run["run_id"]
assert len(comparison_df) == 27

first = tracker.list_runs("lap_model")[0]["run_id"]  # `run_001` in a folder, a hash in MLflow
run = tracker.get_run(first)
print(f"Run ID: {run['run_id']}")
print(f"Status: {run['status']}")
print(f"Created: {run['created_at']}")

print("\nParameters:")
for k, v in run["params"].items():
    print(f"  {k}: {v}")

print("\nMetrics:")
for metric_name, history in run["metrics"].items():
    if history:
        final_value = history[-1]["value"]
        print(f"  {metric_name}: {final_value:.4f}")

val_auc_history = run["metrics"]["val_auc"]
for entry in val_auc_history:
    print(f"Epoch {entry['step']}: {entry['value']:.4f}")
assert len(val_auc_history) == 30
