"""Five runs are tracked, compared, and drawn (page on systems, section 2)."""

import matplotlib.pyplot as plt
import numpy as np

from pitwall import ExperimentTracker

tracker = ExperimentTracker("classification_experiments")
configs = [
    {"lr": 0.001, "hidden_size": 64, "dropout": 0.1, "optimizer": "adam"},
    {"lr": 0.01, "hidden_size": 128, "dropout": 0.2, "optimizer": "adam"},
    {"lr": 0.001, "hidden_size": 128, "dropout": 0.1, "optimizer": "sgd"},
]
np.random.seed(42)
for i, config in enumerate(configs):
    run_id = tracker.start_run(run_name=f"exp_{i + 1}", tags={"version": "v1"})
    tracker.log_params(config)
    base_acc = 0.7 + np.random.normal(0, 0.05)
    for epoch in range(20):
        acc = base_acc + 0.015 * epoch * (1 + config["hidden_size"] / 256) + np.random.normal(0, 0.01)
        tracker.log_metric("accuracy", min(0.99, acc), step=epoch)
        tracker.log_metric("loss", max(0.1, 2.0 - acc), step=epoch)
    tracker.log_artifact("model_weights", f"model_{i}.pt")
    tracker.end_run()

comparison = tracker.compare_runs(["accuracy", "loss"])
for row in comparison:
    print(
        f"{row['name']:>8} {row.get('lr', ''):>8} {row.get('hidden_size', ''):>8} {row.get('dropout', ''):>8} "
        f"{row.get('optimizer', ''):>6} {row.get('accuracy', 0):>10.4f} {row.get('loss', 0):>8.4f}"
    )
best = tracker.get_best_run("accuracy", maximize=True)
print(f"{best['name']} (accuracy={best['metrics']['accuracy']:.4f})")

fig, axes = plt.subplots(1, 2)
colors = plt.cm.viridis(np.linspace(0.2, 0.9, len(tracker.runs)))
for (_, run), color in zip(tracker.runs.items(), colors, strict=True):
    history = run["metric_history"]["accuracy"]
    axes[0].plot([h[0] for h in history], [h[1] for h in history], color=color, label=run["name"])
final_accs = [run["metrics"]["accuracy"] for run in tracker.runs.values()]
lrs = [run["params"]["lr"] for run in tracker.runs.values()]
hiddens = [run["params"]["hidden_size"] for run in tracker.runs.values()]
dropouts = [run["params"]["dropout"] for run in tracker.runs.values()]
scatter = axes[1].scatter(hiddens, final_accs, c=lrs)
plt.colorbar(scatter, ax=axes[1])
for h, acc, d in zip(hiddens, final_accs, dropouts, strict=True):
    axes[1].annotate(f"d={d}", (h, acc))
plt.close(fig)

assert [row["name"] for row in comparison] == ["exp_1", "exp_2", "exp_3"]
assert {row["lr"] for row in comparison} == {0.001, 0.01}
assert best["metrics"]["accuracy"] == max(final_accs)
assert (best["status"], best["tags"]["version"], len(run_id)) == ("completed", "v1", 7)  # ids of the store in memory
assert len(history) == 20
assert list(run["artifacts"]) == ["model_weights"]
