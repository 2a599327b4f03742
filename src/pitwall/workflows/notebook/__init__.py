"""What a notebook calls: `pw.ModelRegistry`, `pw.FeatureStore`, `pw.ReproducibleExperiment`, on the same use cases as everybody."""
