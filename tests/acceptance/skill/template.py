"""The template of a production tracker: each method of its class, in the words of the page.

What differs from the page, and why:

- the class is `pw.ProductionExperimentTracker` and not a copy of the page; it calls MLflow by run id, so `mlflow.set_tracking_uri`,
  `mlflow.set_experiment` and the active run of the process are not touched;
- where git fails, the page's bare `except: pass` leaves no trace; here `git_commit` is `unknown` and `git_error` says why;
- `run_timestamp` has its zone;
- `log_model` on PyTorch takes an input example: MLflow 3 keeps the traced graph (pt2), not a pickle.
"""

from pathlib import Path

import torch
from mlflow import MlflowClient

import pitwall as pw

tracker = pw.ProductionExperimentTracker(experiment_name="skill", tracking_uri="sqlite:///skill.db")
assert tracker.run is None

started = tracker.start_run(run_name="first")
assert started is tracker
run_id = tracker.run.info.run_id

config = {"model": {"type": "transformer", "layers": {"hidden": 64}}, "learning_rate": 0.001, "batch_size": 32}
assert tracker._flatten_dict(config) == {
    "model.type": "transformer",
    "model.layers.hidden": 64,
    "learning_rate": 0.001,
    "batch_size": 32,
}
assert tracker._flatten_dict({"a": 1}, "above") == {"above.a": 1}
tracker.log_config(config)
for epoch in range(3):
    tracker.log_metrics({"train_loss": 1.0 / (epoch + 1), "val_loss": 1.2 / (epoch + 1)}, step=epoch)
tracker.log_metrics({"test_loss": 0.5})

model = torch.nn.Linear(2, 1)
model_id = tracker.log_model(model, "model", input_example=torch.zeros(4, 2))
tracker.end_run()

client = MlflowClient("sqlite:///skill.db")
run = client.get_run(run_id)
assert (run.info.run_name, run.info.status) == ("first", "FINISHED")
assert run.data.params["model.layers.hidden"] == "64"
assert [each.value for each in client.get_metric_history(run_id, "train_loss")] == [1.0, 0.5, 1.0 / 3]
assert run.data.tags["git_commit"] == "unknown"
assert "not a git repository" in run.data.tags["git_error"]
assert run.data.tags["run_timestamp"].endswith("+00:00")
assert "mlflow==" in Path(client.download_artifacts(run_id, "environment/installed.txt")).read_text()

logged = client.get_logged_model(model_id)
assert (logged.name, str(logged.status)) == ("model", "READY")
assert [each.model_id for each in run.outputs.model_outputs] == [model_id]
assert {"MLmodel", "data"} <= {each.path for each in client.list_logged_model_artifacts(model_id)}
assert not [each for each in Path.cwd().rglob("*") if each.suffix in {".pkl", ".pickle", ".pth"}]

with pw.ProductionExperimentTracker("skill", "sqlite:///skill.db") as tracker:  # as a block
    tracker.log_metrics({"accuracy": 0.9})
assert client.get_run(tracker.run.info.run_id).info.status == "FINISHED"
