"""When the run store is away, what a run logs waits here, and is sent when the store answers again."""
