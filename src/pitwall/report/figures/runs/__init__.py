"""Pictures of runs beside each other: how they learned, what their parameters did, what quality costs."""
