"""The lab's sweep: a run for each combination, and the best of them."""

import itertools

from pitwall.tracking import ExperimentTracker

learning_rates = [0.0001, 0.001, 0.01]
batch_sizes = [64, 128, 256]
hidden_configs = [[256, 128, 64], [512, 256, 128], [128, 64, 32]]

tracker = ExperimentTracker()

configs = list(itertools.product(learning_rates, batch_sizes, hidden_configs))

for i, (lr, bs, hidden) in enumerate(configs, 1):
    print(f"\nExperiment {i}/{len(configs)}")
    print(f"LR={lr}, BS={bs}, Hidden={hidden}")
    run_id = tracker.create_run(
        experiment_name="lap_model_sweep", tags={"sweep": "hyperparams"}, description=f"Sweep {i}: lr={lr}, bs={bs}"
    )
    tracker.log_params(run_id, {"learning_rate": lr, "batch_size": bs, "hidden_dims": hidden})
    tracker.log_metrics(run_id, {"test_auc": 0.8 - abs(lr - 0.001) * 10 - bs / 10_000 + hidden[0] / 100_000})
    tracker.finish_run(run_id)

best = tracker.get_best_run("test_auc", experiment_name="lap_model_sweep")
print(f"\nBest config: {best['params']}")

assert len(tracker.list_runs("lap_model_sweep")) == 27
assert best["params"] == {"learning_rate": 0.001, "batch_size": 64, "hidden_dims": [512, 256, 128]}
