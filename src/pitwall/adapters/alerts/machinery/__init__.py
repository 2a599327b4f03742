"""What the sinks share: what a sink is, which addresses it may call, how long it is waited for, and where alerts are kept."""
