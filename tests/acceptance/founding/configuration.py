"""Configurations are hashed and compared, and experiments run from them (page on systems, section 6)."""

import numpy as np

from pitwall import ExperimentConfig, ExperimentTracker, ReproducibleExperiment

config_v1 = ExperimentConfig(
    {"model": "mlp", "hidden_size": 128, "lr": 0.003, "dropout": 0.1, "epochs": 20, "batch_size": 32, "seed": 42}
)
config_v2 = ExperimentConfig(
    {"model": "mlp", "hidden_size": 256, "lr": 0.001, "dropout": 0.2, "epochs": 30, "batch_size": 32, "seed": 42}
)
print(config_v1.hash(), config_v2.hash())
for key, diff in config_v1.diff(config_v2).items():
    print(f"{key}: {diff['old']} -> {diff['new']}")
tracker2 = ExperimentTracker("reproducibility_demo")


def simple_train(config, tracker):
    acc = 0.7
    for epoch in range(config.get("epochs")):
        acc += config.get("lr") * (1 + config.get("hidden_size") / 500)
        acc = min(0.99, acc + np.random.normal(0, 0.005))
        tracker.log_metric("accuracy", acc, step=epoch)
    return {"final_accuracy": acc}


found = []
for cfg in [config_v1, config_v2, config_v1]:
    fresh_cfg = ExperimentConfig(cfg.to_dict())
    exp = ReproducibleExperiment(fresh_cfg, tracker2)
    result = exp.run(simple_train)
    print(f"{fresh_cfg.hash()}: accuracy = {result['final_accuracy']:.4f}")
    found.append(result["final_accuracy"])

assert found[0] == found[2] != found[1]  # the third repeats the first, to the last bit
assert sorted(config_v1.diff(config_v2)) == ["dropout", "epochs", "hidden_size", "lr"]
runs = list(tracker2.runs.values())
assert [(run["status"], len(run["metric_history"]["accuracy"])) for run in runs] == [
    ("completed", 20),
    ("completed", 30),
    ("completed", 20),
]
assert runs[1]["params"]["hidden_size"] == 256
assert tracker2.active_run is None
