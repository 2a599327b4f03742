"""Basic experiment logging with MLflow, and the four stages of its registry.

What differs from the page, and why:

- `mlflow.set_tracking_uri` and the model's form, as in `complete_logging.py`;
- stages (`Staging`, `Production`, `Archived`) are gone from MLflow 3's client for new work: aliases stand for them, and a version that
  holds none was only logged.
"""

from pathlib import Path

import mlflow
import numpy as np
import torch

mlflow.set_tracking_uri("sqlite:///skill.db")
mlflow.set_experiment("my-classification-project")  # creates it
Path("confusion_matrix.png").write_bytes(b"\x89PNG")
Path("config.yaml").write_text("learning_rate: 0.01\n")
model = torch.nn.Linear(2, 1)
epochs = 3


def train_epoch(model, train_loader):
    return 0.4


def evaluate(model, val_loader):
    return 0.5, 0.8


with mlflow.start_run(run_name="baseline-v1") as run:
    mlflow.log_param("learning_rate", 0.01)
    mlflow.log_param("batch_size", 32)
    mlflow.log_param("epochs", 100)
    for epoch in range(epochs):
        train_loss = train_epoch(model, None)
        val_loss, val_acc = evaluate(model, None)
        mlflow.log_metrics({"train_loss": train_loss, "val_loss": val_loss, "val_accuracy": val_acc}, step=epoch)
    made = mlflow.pytorch.log_model(
        model,
        name="model",
        input_example=np.zeros((4, 2), dtype="float32"),
        serialization_format="pt2",
        pip_requirements=["torch", "numpy"],
    )
    mlflow.log_artifact("confusion_matrix.png")
    mlflow.log_artifact("config.yaml")

client = mlflow.MlflowClient()
assert client.get_run(run.info.run_id).data.metrics == {"train_loss": 0.4, "val_loss": 0.5, "val_accuracy": 0.8}
assert {each.path for each in client.list_artifacts(run.info.run_id)} == {"confusion_matrix.png", "config.yaml"}

version = mlflow.register_model(made.model_uri, "classifier")  # None: just logged
client.set_registered_model_alias("classifier", "candidate", version.version)  # Staging
client.set_registered_model_alias("classifier", "champion", version.version)  # Production
client.delete_registered_model_alias("classifier", "candidate")
assert client.get_model_version_by_alias("classifier", "champion").version == version.version
client.delete_registered_model_alias("classifier", "champion")  # Archived: held by nobody, still there
assert client.get_model_version("classifier", version.version).run_id == run.info.run_id
