"""The lab's recipe for a training script that is there already; it learns a slope and an offset of lap times, by hand."""

import json
from pathlib import Path

import yaml

from pitwall.tracking import ExperimentTracker

LAPS = [(lap / 50, 92.0 - 1.6 * lap / 50) for lap in range(50)]  # (share of the distance, seconds)


def load_config(path):
    return yaml.safe_load(Path(path).read_text(encoding="utf-8"))


def errors(model, laps):
    return [model["offset"] + model["slope"] * share - seconds for share, seconds in laps]


def validate_epoch(model, laps):
    found = errors(model, laps)
    return {"loss": sum(e * e for e in found) / len(found), "accuracy": sum(abs(e) < 0.5 for e in found) / len(found)}


def train_epoch(model, laps, rate):
    found = errors(model, laps)
    model["offset"] -= rate * sum(found) / len(found)
    model["slope"] -= rate * sum(e * share for e, (share, _) in zip(found, laps, strict=True)) / len(found)
    return validate_epoch(model, laps)


def main(config_path, output_dir, experiment_name="lap_model"):
    """Train with experiment tracking."""
    tracker = ExperimentTracker()
    run_id = tracker.create_run(
        experiment_name=experiment_name,
        tags={"config": config_path},
        description=f"Training run with config {config_path}",
    )
    config = load_config(config_path)
    tracker.log_params(
        run_id,
        {
            "model_type": config["model"]["type"],
            "learning_rate": config["training"]["learning_rate"],
            "weight_decay": config["training"].get("weight_decay", 0.0),
            "epochs": config["training"]["epochs"],
            "early_stopping_patience": config["training"]["early_stopping_patience"],
        },
    )
    model = {"offset": 90.0, "slope": 0.0}
    for epoch in range(1, config["training"]["epochs"] + 1):
        train_metrics = train_epoch(model, LAPS[::2], config["training"]["learning_rate"])
        val_metrics = validate_epoch(model, LAPS[1::2])
        tracker.log_metrics(
            run_id,
            {
                "train_loss": train_metrics["loss"],
                "train_acc": train_metrics["accuracy"],
                "val_loss": val_metrics["loss"],
                "val_acc": val_metrics["accuracy"],
            },
            step=epoch,
        )
        if tracker.should_stop(run_id, "val_loss", patience=config["training"]["early_stopping_patience"]):
            break
    test_metrics = validate_epoch(model, LAPS)
    tracker.log_metrics(run_id, {"test_loss": test_metrics["loss"], "test_accuracy": test_metrics["accuracy"]})
    model_save_path = Path(output_dir) / "weights.json"
    model_save_path.write_text(json.dumps(model), encoding="utf-8")
    tracker.log_artifact(run_id, str(model_save_path), "model_best.json")
    tracker.finish_run(run_id, status="completed")
    print(f"\nExperiment tracked: {run_id}")
    return output_dir, run_id


Path("config.yaml").write_text(
    "model: {type: line}\ntraining: {learning_rate: 0.5, epochs: 40, early_stopping_patience: 5}\n", encoding="utf-8"
)
output_dir, run_id = main("config.yaml", ".")
run = ExperimentTracker().get_run(run_id)
assert run["metrics"]["test_loss"][-1]["value"] < run["metrics"]["train_loss"][0]["value"]
assert run["params"]["weight_decay"] == 0.0
