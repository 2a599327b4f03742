"""What estimators of any family share."""
