"""What several feature groups compute alike."""
