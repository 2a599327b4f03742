"""What the pages do with bundles beside looking at them: share a version, give a bundle away, and decide about those in quarantine."""
