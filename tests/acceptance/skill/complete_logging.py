"""What to log: the complete example, in MLflow's own words.

What differs from the page, and why:

- `mlflow.set_tracking_uri` comes first: MLflow 3 writes to no folder of files any more;
- `mlflow.pytorch.log_model(model, "model")` is `name="model"` with an input example and `serialization_format="pt2"`: the second place is
  `artifact_path`, which is deprecated, and the default form would be a pickle;
- `pip_requirements` is said, or MLflow starts an interpreter that loads the model to find them out.
"""

from pathlib import Path

import mlflow
import numpy as np
import torch

mlflow.set_tracking_uri("sqlite:///skill.db")
Path("confusion_matrix.png").write_bytes(b"\x89PNG")
model = torch.nn.Linear(2, 1)
train_loss, val_loss = 0.4, 0.5

with mlflow.start_run() as run:
    # 1. Parameters
    mlflow.log_params({"learning_rate": 0.001, "batch_size": 32, "model_type": "transformer"})

    # 2. Metrics, per step and final
    for epoch in range(10):
        mlflow.log_metrics({"train_loss": train_loss, "val_loss": val_loss}, step=epoch)

    # 3. Artifacts
    mlflow.log_artifact("confusion_matrix.png")
    mlflow.pytorch.log_model(
        model,
        name="model",
        input_example=np.zeros((4, 2), dtype="float32"),
        serialization_format="pt2",
        pip_requirements=["torch", "numpy"],
    )

    # 4. Tags
    mlflow.set_tags({"experiment_type": "baseline", "dataset_version": "v2.1"})

kept = mlflow.MlflowClient().get_run(run.info.run_id)
assert kept.data.params == {"learning_rate": "0.001", "batch_size": "32", "model_type": "transformer"}
assert len(mlflow.MlflowClient().get_metric_history(run.info.run_id, "val_loss")) == 10
assert kept.data.tags["dataset_version"] == "v2.1"
assert [each.path for each in mlflow.MlflowClient().list_artifacts(run.info.run_id)] == ["confusion_matrix.png"]
found = mlflow.search_runs(filter_string="tags.experiment_type = 'baseline'")  # tags are for filtering
assert list(found.run_id) == [run.info.run_id]
