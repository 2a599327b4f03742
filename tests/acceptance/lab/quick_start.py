"""The lab's first page: a run from its creation to its end."""

from pathlib import Path

from pitwall.tracking import ExperimentTracker

tracker = ExperimentTracker(base_dir="experiments")

run_id = tracker.create_run(
    experiment_name="lap_model", tags={"version": "v1", "team": "ml"}, description="Testing a higher learning rate"
)
assert tracker.get_run(run_id)["status"] == "running"

tracker.log_params(run_id, {"learning_rate": 0.001, "batch_size": 128, "hidden_dims": [256, 128, 64], "dropout": 0.3})

for epoch in range(30):
    train_loss, val_loss, val_auc = 1 / (epoch + 1), 1 / (epoch + 1) + 0.1, 0.8 - 0.3 / (epoch + 1)
    tracker.log_metrics(run_id, {"train_loss": train_loss, "val_loss": val_loss, "val_auc": val_auc}, step=epoch)

tracker.log_metrics(run_id, {"test_accuracy": 0.7489, "test_auc": 0.8145, "test_loss": 0.4312})

for path in ("path/to/model_best.json", "path/to/loss_curve.png"):
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text('{"weights": [0.5]}', encoding="utf-8")
kept = tracker.log_artifact(run_id, "path/to/model_best.json")
assert kept["size"] == 18
tracker.log_artifact(run_id, "path/to/loss_curve.png", "plots/loss_curve.png")

tracker.finish_run(run_id, status="completed")

run = tracker.get_run(run_id)
assert (run["status"], run["experiment_name"]) == ("completed", tracker.list_runs("lap_model")[0]["experiment_name"])
assert run["tags"].items() >= {"version": "v1", "team": "ml"}.items()
assert run["description"] == "Testing a higher learning rate"
assert run["params"]["hidden_dims"] == [256, 128, 64]
assert [each["step"] for each in run["metrics"]["val_auc"]] == list(range(30))
assert [(each["step"], each["value"]) for each in run["metrics"]["test_auc"]] == [(None, 0.8145)]
assert Path(run["run_dir"], "artifacts", "model_best.json").read_text(encoding="utf-8") == '{"weights": [0.5]}'
assert Path(run["run_dir"], "artifacts", "plots", "loss_curve.png").is_file()
