"""What the sinks share: what a sink is, which addresses it may call, and where alerts are kept."""
