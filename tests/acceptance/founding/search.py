"""Three strategies at equal budget (page on systems, section 3)."""

import matplotlib.pyplot as plt
import numpy as np

from pitwall import HyperparameterSearch


def simulated_objective(config):
    lr = config.get("lr", 0.001)
    hidden = config.get("hidden_size", 64)
    dropout = config.get("dropout", 0.1)
    distance = 50 * (np.log10(lr) - np.log10(0.003)) ** 2 + 0.0001 * (hidden - 128) ** 2 + 5 * (dropout - 0.15) ** 2
    return min(0.99, max(0.5, 0.85 - distance + np.random.normal(0, 0.01)))


np.random.seed(42)
param_distributions = {
    "lr": {"type": "loguniform", "low": 1e-4, "high": 1e-1},
    "hidden_size": {"type": "int", "low": 32, "high": 512},
    "dropout": {"type": "uniform", "low": 0.0, "high": 0.5},
}
search = HyperparameterSearch()
grid = search.grid_search(
    {"lr": [0.0001, 0.001, 0.01, 0.1], "hidden_size": [64, 128, 256], "dropout": [0.0, 0.1, 0.2, 0.3]}
)
grid_results = [(c, simulated_objective(c)) for c in grid[:20]]
random_configs = search.random_search(param_distributions, n_trials=20)
random_results = [(c, simulated_objective(c)) for c in random_configs]
bayesian_results = search.bayesian_search(param_distributions, simulated_objective, n_trials=20)
fig, axes = plt.subplots(1, 3)
for ax, (name, results) in zip(
    axes, [("Grid", grid_results), ("Random", random_results), ("Bayesian", bayesian_results)], strict=True
):
    scores = [r[1] for r in results]
    best = max(results, key=lambda x: x[1])
    print(f"{name}: best={max(scores):.4f}, mean={np.mean(scores):.4f}, std={np.std(scores):.4f}")
    print(f"lr={best[0]['lr']:.4f}, hidden={best[0].get('hidden_size', '?')}, dropout={best[0]['dropout']:.2f}")
    ax.plot(range(1, len(scores) + 1), [max(scores[: i + 1]) for i in range(len(scores))])
plt.close(fig)

assert (len(grid), len(random_configs), len(bayesian_results)) == (48, 20, 20)
assert grid[0] == {"lr": 0.0001, "hidden_size": 64, "dropout": 0.0}
assert all(32 <= c["hidden_size"] <= 512 and 1e-4 <= c["lr"] <= 1e-1 for c in random_configs)
assert random_configs == HyperparameterSearch().random_search(param_distributions, n_trials=20)
