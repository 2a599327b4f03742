"""The calendar is the schedule: which runs a season asks for, when they are due, and what is made up for when they were missed."""
