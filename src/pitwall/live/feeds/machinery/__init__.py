"""What feeds share: their contract, the events of tables, pace."""
