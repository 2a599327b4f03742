"""What schedules are tested with: a calendar of a few weekends, and a server's flow runs in a list."""
