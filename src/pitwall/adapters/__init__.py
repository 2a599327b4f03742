"""The only modules that import the tools: DVC, Feast, MLflow and git."""
