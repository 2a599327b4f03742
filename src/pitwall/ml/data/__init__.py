"""What models and people ask the data: the calendar, names, selections, features at an instant."""
