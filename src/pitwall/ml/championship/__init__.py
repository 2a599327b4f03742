"""Championships: tables from results (`scores`, `standings`), what is decided (`clinch`), who takes the title (`simulate`, `predict`)."""
