"""MLflow behind the ports: runs, registry, server, and where its files lie."""
