"""What several families share: scores of events that come true or do not."""
