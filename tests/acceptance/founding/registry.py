"""Versions of a model are registered, moved between stages, listed and compared (page on systems, section 4)."""

from pitwall import ModelRegistry

registry = ModelRegistry()
model_versions = [
    {"metrics": {"accuracy": 0.82, "latency_ms": 45, "f1": 0.80}, "params": {"lr": 0.01, "epochs": 10}},
    {"metrics": {"accuracy": 0.87, "latency_ms": 42, "f1": 0.85}, "params": {"lr": 0.005, "epochs": 20}},
    {"metrics": {"accuracy": 0.91, "latency_ms": 50, "f1": 0.89}, "params": {"lr": 0.003, "epochs": 30}},
    {"metrics": {"accuracy": 0.89, "latency_ms": 38, "f1": 0.87}, "params": {"lr": 0.003, "distilled": True}},
    {"metrics": {"accuracy": 0.93, "latency_ms": 48, "f1": 0.91}, "params": {"lr": 0.002, "epochs": 50}},
]
for info in model_versions:
    v = registry.register_model("text_classifier", info)
registry.promote("text_classifier", 2, "staging")
registry.promote("text_classifier", 3, "production")
registry.promote("text_classifier", 5, "staging")
for v in registry.list_versions("text_classifier"):
    print(
        f"v{v['version']} [{v['stage']:>12}] acc={v['metrics']['accuracy']:.2f}, f1={v['metrics']['f1']:.2f}, "
        f"latency={v['metrics']['latency_ms']}ms"
    )
prod = registry.get_production_model("text_classifier")
print(f"v{prod['version']} (accuracy={prod['metrics']['accuracy']:.2f})")
comp = registry.compare_versions("text_classifier", 3, 5)
for metric in ["accuracy", "f1", "latency_ms"]:
    if metric in comp:
        d = comp[metric]
        print(f"{metric}: {d['v1']} -> {d['v2']} (delta={d['delta']:+.2f})")

stages = [entry["stage"] for entry in registry.list_versions("text_classifier")]
assert stages == ["development", "staging", "production", "development", "staging"]
assert (prod["version"], prod["claimed"], d["delta"]) == (3, True, -2)
assert comp["version"] == (3, 5)
