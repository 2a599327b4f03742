"""What people are told of trainings and promotions, and what they write about them: alerts, and the documentation of a run."""
